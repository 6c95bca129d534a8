import { T210, type T210Fault, type T210Options } from '../../src/simulators/t210.js';
import { openLink } from '../../src/transports/open-link.js';
import type { Broker } from './broker.js';
import { t210Toml } from './environments.js';
import type { Observer } from './mqtt-observer.js';
import { startProgram, type Program } from './program.js';
import type { PtyPair } from './pty.js';
import { KEYS, secretsToml } from './t210.js';

/** Where the T210 of `runT210` is published. */
export const T210_TOPIC = 'homie/electric-smart-meter';

/** How often bytes are repeated until they have had their effect: the program may not have opened its port yet. Their times must not run ahead of ours meanwhile. */
const REPEAT_MS = 250;

/** A T210 whose telegrams a test makes and sends one by one, with ten seconds between their times. `await using` unplugs it. */
export interface HandT210 extends AsyncDisposable {
  /** Its values and its counter may be set; another meter may be put in its place. */
  meter: T210;
  /** Makes the next telegram. @param offMs by how much its clock is wrong */
  make(fault?: T210Fault, offMs?: number): Uint8Array;
  /** Puts bytes on the line. */
  send(bytes: Uint8Array): Promise<void>;
  /** Puts bytes on the line again and again, made anew each time, until the observer has seen what was to come of them. */
  sendUntil(observer: Observer, make: () => Uint8Array, condition: (observer: Observer) => boolean, what: string): Promise<void>;
}

/** Makes a T210 with `KEYS`. */
export function t210(options: T210Options = {}): T210 {
  return new T210({ keys: KEYS, ...options });
}

/** Plugs a T210 that says nothing by itself into the far end of a pseudo-terminal. */
export async function handT210(pty: PtyPair): Promise<HandT210> {
  const never = new AbortController().signal;
  const link = await openLink(
    { type: 'serial', path: pty.far, baud_rate: 115_200, data_bits: 8, parity: 'none', stop_bits: 1 },
    never,
  );
  // Within the fifteen minutes by which a meter's clock may be off, however many telegrams follow.
  let time = Date.now() - 800_000;
  const hand: HandT210 = {
    meter: t210(),
    make: (fault, offMs = 0) => hand.meter.transmit((time += 10_000) + offMs, fault).bytes,
    send: (bytes) => link.write(bytes, never),
    sendUntil: async (observer, make, condition, what) => {
      let sending = Promise.resolve();
      const timer = setInterval(() => {
        sending = sending.then(() => hand.send(make()));
      }, REPEAT_MS);
      try {
        await observer.until(condition, what);
      } finally {
        clearInterval(timer);
        await sending;
      }
    },
    [Symbol.asyncDispose]: () => link.close(),
  };
  return hand;
}

/** Runs the program for a T210 with `KEYS` on the near end. */
export function runT210({ url }: Broker, { near }: PtyPair): Promise<Program> {
  const toml = t210Toml({ id: 'electric-smart-meter', name: 'Meter', url, path: near });
  return startProgram({ args: ['run', 't210'], settings: { 't210.toml': toml, 't210.secrets.toml': secretsToml(KEYS) } });
}
