import { spawnSync } from 'node:child_process';
import { skipWithout } from './tool.js';

const UNSHARE = ['--user', '--map-root-user', '--mount'] as const;
const SCRIPT =
  'size=$1; shift; mkdir -p "$0" && mount -t tmpfs -o size="$size" tmpfs "$0" && head -c 8M /dev/zero >"$0/full" 2>&-; exec "$@"';

/** The `skip` of a test that needs a full disk: false where the host lets us mount one. */
export function skipWithoutFullDisk(): string | false {
  const missing = skipWithout('unshare', 'mount');
  if (missing) return missing;
  const mounted = spawnSync('unshare', [...UNSHARE, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
  return !mounted && 'this host does not allow us to mount';
}

/** A command that starts what follows, as the same process, with a full disk of that size (8 MiB at the most) at a path that no other process sees. */
export function underFullDisk(path: string, size = '64k'): readonly [string, ...string[]] {
  return ['unshare', ...UNSHARE, 'sh', '-c', SCRIPT, path, size];
}

/** The file that fills the disk which a process sees at a path: without it there is room. */
export function fillerOf(pid: number, path: string): string {
  return `/proc/${pid}/root${path}/full`;
}
