import { OBJECTS } from '../../src/clients/p1/map.js';
import { systemClock } from '../../src/pipeline/clock.js';
import { T210, type T210Telegram } from '../../src/simulators/t210.js';
import type { T210Register } from '../../src/simulators/t210-values.js';
import { propertyTopic, stateTopic } from '../../src/sinks/homie-topics.js';
import type { Link } from '../../src/transports/link.js';
import { openLink } from '../../src/transports/open-link.js';
import { startBroker, type BrokerOptions } from '../support/broker.js';
import { t210Toml } from '../support/environments.js';
import { observe, type Observer } from '../support/mqtt-observer.js';
import { startProgram } from '../support/program.js';
import { ptyPair } from '../support/pty.js';
import { KEYS, secretsToml } from '../support/t210.js';

const ROOT = 'homie';
const DEVICE = 'electric-smart-meter';
const LINE = { type: 'serial', baud_rate: 115_200, data_bits: 8, parity: 'none', stop_bits: 1 } as const;

/** A T210 on a serial cable, the real program that reads it, a real broker, and a subscriber to everything. */
export interface Rig {
  /** Process id of the program. */
  readonly pid: number;
  /**
   * Sends the next telegram and waits until the subscriber has all its values.
   * @returns milliseconds from the moment when the telegram was written to the pseudo-terminal, as a whole, to the last of its values
   */
  readonly trip: () => Promise<number>;
}

/** Builds a rig, makes some trips to warm it up, measures, and takes the rig down. */
export async function withT210<T>(
  { warmUpTrips, ...broker }: BrokerOptions & { readonly warmUpTrips: number },
  measure: (rig: Rig) => Promise<T>,
): Promise<T> {
  await using mosquitto = await startBroker(broker);
  await using observer = await observe(mosquitto.url);
  await using pty = await ptyPair();
  const toml = t210Toml({ id: DEVICE, name: 'T210', url: mosquitto.url, path: pty.near });
  const settings = { 't210.toml': toml, 't210.secrets.toml': secretsToml(KEYS) };
  await using program = await startProgram({ args: ['run', 't210'], settings });
  const { signal } = new AbortController();
  const link = await openLink({ ...LINE, path: pty.far }, signal);
  const meter = new T210({ keys: KEYS });
  const trip = async (): Promise<number> => {
    const { bytes, telegrams } = meter.transmit(Date.now());
    const arrival = arrivalOf(telegrams, observer);
    const sentAt = performance.now();
    await link.write(bytes, signal);
    return (await arrival) - sentAt;
  };
  try {
    await untilReady(meter, link, observer);
    for (let trips = 0; trips < warmUpTrips; trips++) await trip();
    return await measure({ pid: program.pid, trip });
  } finally {
    await link.close();
  }
}

/** What is sent before the program has opened its port is lost: sends until it has heard something. */
async function untilReady(meter: T210, link: Link, observer: Observer): Promise<void> {
  const stop = new AbortController();
  const running = meter.run(link, { clock: systemClock, intervalMs: 100 }, stop.signal);
  try {
    await observer.shows(stateTopic(ROOT, DEVICE), 'ready');
  } finally {
    stop.abort();
    await running;
  }
}

/** When the subscriber has all values of these telegrams, on the clock of `performance.now`. */
async function arrivalOf(telegrams: readonly T210Telegram[], observer: Observer): Promise<number> {
  const expected = telegrams.flatMap(({ values }) =>
    Object.entries(values).map(([obis, value]) => {
      const path = OBJECTS[obis as T210Register] ?? obis;
      return { topic: propertyTopic(ROOT, DEVICE, path), payload: String(value) };
    }),
  );
  let checkedAt = 0;
  await observer.until(({ topics }) => {
    checkedAt = performance.now();
    return expected.every(({ topic, payload }) => topics.get(topic) === payload);
  });
  return checkedAt;
}
