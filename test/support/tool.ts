import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where a program of the host is, also in the folders of administration; undefined when it is not installed. */
export function toolPath(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** The `skip` of a test that needs these programs: false when all are there, else which are missing. */
export function skipWithout(...names: readonly string[]): string | false {
  const missing = names.filter((name) => toolPath(name) === undefined);
  return missing.length > 0 && `not installed: ${missing.join(', ')}`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
