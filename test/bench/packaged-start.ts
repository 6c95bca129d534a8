import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildPackages, run } from '../support/debian-package.js';
import { dummyToml } from '../support/environments.js';
import { startProgram } from '../support/program.js';
import { median, print, type Figure } from './figure.js';
import { memoryOf } from './process.js';

const STARTS = 9;
/** By then it has sent what it can to a broker that does not answer. */
const SETTLED_MS = 500;
const MB = 1_000_000;

/** From nothing to the first connection to the broker, and what the program occupies then: as the Debian package installs it. */
export async function packagedStart(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'packaged-'));
  try {
    const packages = await buildPackages(folder, 0);
    const architecture = { arm: 'armhf', arm64: 'arm64' }[process.arch as string] ?? 'amd64';
    await run('dpkg-deb', ['--extract', packages.get(architecture) ?? '', folder]);
    const starts: Start[] = [];
    for (let index = 0; index < STARTS; index++) starts.push(await start(join(folder, 'usr/bin/smart-meter-reader')));
    const memory = `${print(median(starts.map(({ bytes }) => bytes)) / MB, 1)} MB`;
    return [
      {
        what: 'packaged: cold start → connecting to the broker',
        measured: `${print(median(starts.map(({ connectMs }) => connectMs)))} ms, at best ${print(Math.min(...starts.map(({ connectMs }) => connectMs)))} ms`,
        aim: '≤ 150 ms',
      },
      { what: '… resident memory then', measured: memory, aim: '≤ 60 MB' },
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Start {
  readonly connectMs: number;
  readonly bytes: number;
}

async function start(main: string): Promise<Start> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connected = once(server, 'connection') as Promise<[Socket]>;
  const startedAt = performance.now();
  await using program = await startProgram({ main, args: ['run', 'dummy'], settings: { 'dummy.toml': dummyToml({ url }) } });
  const [socket] = await connected;
  const connectMs = performance.now() - startedAt;
  socket.on('error', () => undefined);
  await sleep(SETTLED_MS);
  const bytes = memoryOf(program.pid).total;
  socket.destroy();
  server.close();
  return { connectMs, bytes };
}
