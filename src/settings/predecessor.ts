/** Where a key of the predecessor is now. */
export interface Successor {
  /** The path of the key; empty for a section whose keys have all moved up. */
  readonly now: readonly string[];
  /** Its form there, when that is another one. */
  readonly written?: string;
  readonly secret?: true;
}

/** What the program before this one called its keys, wherever they stood. */
const RENAMED: Readonly<Record<string, Successor>> = {
  guek: { now: ['client', 'encryption_key'], secret: true },
  gak: { now: ['client', 'authentication_key'], secret: true },
  mqtt_broker: { now: ['mqtt', 'url'], written: '"mqtt://HOST:PORT"' },
  mqtt_port: { now: ['mqtt', 'url'], written: '"mqtt://HOST:PORT"' },
  debug_level: { now: ['log', 'level'] },
};

/** Its sections that have another name now. */
const MOVED: readonly { readonly from: readonly string[]; readonly to: readonly string[] }[] = [
  { from: ['client', 'serial', 'port'], to: ['client', 'link', 'path'] },
  { from: ['client', 'serial', 'baudrate'], to: ['client', 'link', 'baud_rate'] },
  { from: ['client', 'serial', 'bytesize'], to: ['client', 'link', 'data_bits'] },
  { from: ['client', 'serial', 'stopbits'], to: ['client', 'link', 'stop_bits'] },
  { from: ['client', 'serial'], to: ['client', 'link'] },
  { from: ['sink'], to: ['sinks'] },
];

/**
 * Answers a key that users of the predecessor have: its names, and its layout of one section per environment and `[global]`.
 * @returns undefined when the key is none of the predecessor's
 */
export function successorOf(path: readonly string[], environment: string): Successor | undefined {
  const name = path.at(-1) ?? '';
  if (Object.hasOwn(RENAMED, name)) return RENAMED[name];
  const nested = path[0] === environment || path[0] === 'global';
  const inside = nested ? path.slice(1) : path;
  const move = MOVED.find(({ from }) => from.every((each, index) => each === inside[index]));
  if (move) return { now: [...move.to, ...inside.slice(move.from.length)] };
  return nested ? { now: inside } : undefined;
}
