import { Multical } from '../../src/simulators/multical.js';
import { openLink } from '../../src/transports/open-link.js';

/** A simulated Multical 403 that answers on a serial port. `await using` takes its head off. */
export interface RunningMultical extends AsyncDisposable {
  readonly meter: Multical;
}

/** Puts the infrared head of a Multical on the far end of a pseudo-terminal. */
export async function plugInMultical(path: string): Promise<RunningMultical> {
  const stopping = new AbortController();
  const link = await openLink(
    { type: 'serial', path, baud_rate: 1200, data_bits: 8, parity: 'none', stop_bits: 2 },
    stopping.signal,
  );
  const meter = new Multical();
  // A link that is lost because the test unplugs it is no error of the meter's.
  const running = meter.run(link, stopping.signal).catch(() => undefined);
  return {
    meter,
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await running;
      await link.close();
    },
  };
}
