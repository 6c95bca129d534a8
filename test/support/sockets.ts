import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** State of a listening socket in `/proc/net/tcp`. proc(5), include/net/tcp_states.h. */
const TCP_LISTEN = '0A';
/** Flag of a listening socket in `/proc/net/unix`: __SO_ACCEPTCON. */
const ACCEPTS = 0x10000;

/** Every socket of a process that others can send to: `tcp 127.0.0.1:1883`, `udp …`, `unix <path>`, in order. */
export function listeningSockets(pid: number): string[] {
  const inodes = inodesOf(pid);
  const own = <T extends { readonly inode: string }>(sockets: readonly T[]): T[] =>
    sockets.filter(({ inode }) => inodes.has(inode));
  const listening = own(inetSockets(pid, 'tcp')).filter(({ state }) => state === TCP_LISTEN);
  const unix = own(unixSockets(pid)).map(({ path }) => `unix ${path}`);
  return [...listening, ...own(inetSockets(pid, 'udp'))]
    .map(({ protocol, address }) => `${protocol} ${address}`)
    .concat(unix)
    .sort();
}

function inodesOf(pid: number): ReadonlySet<string> {
  const found = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch (error) {
      // Closed since the folder was read.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return [];
    }
  });
  return new Set(found);
}

/** proc(5), `/proc/net/tcp` and its kind: slot, local address, remote address, state, …, inode as the tenth. */
function inetSockets(pid: number, protocol: 'tcp' | 'udp') {
  return [protocol, `${protocol}6`].flatMap((table) =>
    rowsOf(`/proc/${pid}/net/${table}`).map(([, local = '', , state = '', , , , , , inode = '']) => ({
      protocol,
      address: printAddress(local),
      state,
      inode,
    })),
  );
}

/** proc(5), `/proc/net/unix`: address, references, protocol, flags, type, state, inode, path. */
function unixSockets(pid: number) {
  return rowsOf(`/proc/${pid}/net/unix`)
    .filter(([, , , flags = '']) => (parseInt(flags, 16) & ACCEPTS) !== 0)
    .map(([, , , , , , inode = '', path = '(without a name)']) => ({ inode, path }));
}

function rowsOf(path: string): string[][] {
  const [, ...rows] = readFileSync(path, 'utf8').trimEnd().split('\n');
  return rows.map((row) => row.trim().split(/\s+/));
}

/** Addresses are 32-bit words in the byte order of the host, ports are plain hexadecimal. */
function printAddress(local: string): string {
  const [host = '', port = ''] = local.split(':');
  const words = host.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => [...Buffer.from(word, 'hex').reverse()]);
  const printed = bytes.length === 4 ? bytes.join('.') : `[${Buffer.from(bytes).toString('hex')}]`;
  return `${printed}:${parseInt(port, 16)}`;
}
