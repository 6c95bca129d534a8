import { readdir, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Place } from './finding.js';

/** Links that systemd's udev makes for each serial adapter, by names that stay. */
export const BY_ID = '/dev/serial/by-id';

/** Every serial adapter that is plugged in, under a path that stays: those in `folder`, else the serial ports among the devices. */
export async function allPlaces(folder = BY_ID, devices = '/dev'): Promise<readonly Place[]> {
  const named = await list(folder);
  if (named.length > 0) return named.map((name) => serialPlace(join(folder, name)));
  const ports = (await list(devices)).filter((name) => /^tty(USB|ACM|AMA)\d+$/.test(name));
  return ports.map((name) => serialPlace(join(devices, name)));
}

/**
 * The place that a person names: a path, or `host:port`. A port that is another one after the next boot is known by the link to it in `folder` where there is one.
 */
export async function placeNamed(name: string, cwd: string, folder = BY_ID): Promise<Place> {
  const [, ipv6, ipv4OrName, port] = /^(?:\[([\da-f:.]+)\]|([^/[\]:]+)):(\d{1,5})$/i.exec(name) ?? [];
  const host = ipv6 ?? ipv4OrName;
  if (host !== undefined && port !== undefined) return { name, link: { type: 'tcp', host, port: Number(port) } };
  const path = resolve(cwd, name);
  const target = await targetOf(path);
  for (const each of await list(folder)) {
    const link = join(folder, each);
    if (target !== undefined && (await targetOf(link)) === target) return { name, link: { type: 'serial', path: link } };
  }
  return { name, link: { type: 'serial', path } };
}

function serialPlace(path: string): Place {
  return { name: path, link: { type: 'serial', path } };
}

async function list(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch {
    // Without an adapter there is no such folder.
    return [];
  }
}

async function targetOf(path: string): Promise<string | undefined> {
  return realpath(path).catch(() => undefined);
}
