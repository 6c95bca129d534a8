import { T210, type T210Fault, type T210Options, type T210Telegram } from '../../src/simulators/t210.js';
import { systemClock } from '../../src/pipeline/clock.js';
import type { Link } from '../../src/transports/link.js';
import { openLink } from '../../src/transports/open-link.js';

/** Made-up keys, and the lines of a secrets file that holds them. */
export const KEYS = {
  encryptionKey: Uint8Array.from({ length: 16 }, (_, n) => 0x10 + n),
  authenticationKey: Uint8Array.from({ length: 16 }, (_, n) => 0xa0 + n),
} as const;

/** The lines of `[client]` in a secrets file for these keys. */
export function secretsToml({
  encryptionKey,
  authenticationKey,
}: {
  encryptionKey: Uint8Array;
  authenticationKey?: Uint8Array;
}): string {
  const hex = (key: Uint8Array): string => Buffer.from(key).toString('hex');
  const authentication = authenticationKey ? `authentication_key = "${hex(authenticationKey)}"\n` : '';
  return `[client]\nencryption_key = "${hex(encryptionKey)}"\n${authentication}`;
}

/** A simulated T210 that pushes on a serial port. `await using` unplugs it. */
export interface RunningT210 extends AsyncDisposable {
  readonly meter: T210;
  /** Every telegram that was sent intact, oldest first. */
  readonly sent: readonly T210Telegram[];
  /** Stops sending between two telegrams, and resolves when the last one is out. */
  stop(): Promise<void>;
}

/** Plugs a T210 into the far end of a pseudo-terminal. */
export async function plugInT210(
  path: string,
  options: T210Options & { readonly intervalMs?: number; readonly fault?: (transmission: number) => T210Fault | undefined },
): Promise<RunningT210> {
  const stopping = new AbortController();
  const link = await openLink(
    { type: 'serial', path, baud_rate: 115_200, data_bits: 8, parity: 'none', stop_bits: 1 },
    stopping.signal,
  );
  const meter = new T210(options);
  const sent: T210Telegram[] = [];
  const { intervalMs = 200, fault } = options;
  const onSent = ({ telegrams }: { readonly telegrams: readonly T210Telegram[] }): void => {
    sent.push(...telegrams);
  };
  let writing = Promise.resolve();
  const cable: Link = {
    read: (until) => link.read(until),
    write: (bytes, until) => (writing = link.write(bytes, until)),
    discard: () => {
      link.discard();
    },
    close: () => link.close(),
  };
  const running = meter.run(cable, { clock: systemClock, intervalMs, onSent, ...(fault && { fault }) }, stopping.signal);
  const halt = async (): Promise<void> => {
    stopping.abort();
    await running;
  };
  return {
    meter,
    sent,
    // A telegram that is cut off here has perhaps gone out all the same, and nobody has counted it.
    stop: async () => {
      await writing.catch(() => undefined);
      await halt();
    },
    [Symbol.asyncDispose]: async () => {
      await halt().catch(() => undefined);
      await link.close();
    },
  };
}
