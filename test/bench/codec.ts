import { Interpreter } from '../../src/clients/p1/interpreter.js';
import { encryptedDecoder } from '../../src/codecs/p1/encrypted.js';
import { T210 } from '../../src/simulators/t210.js';
import { clientContext } from '../support/client-context.js';
import { P1_SETTINGS } from '../support/p1.js';
import { KEYS } from '../support/t210.js';
import { median, print, type Figure } from './figure.js';

const TELEGRAMS = 20_000;
const WARM_UP_RUNS = 2;
const RUNS = 9;

/** Few enough telegrams that hardly a batch is interrupted by a garbage collection. */
const BATCH = 20;

/** Turns what arrived into readings and returns how many: what a client does, without its I/O. */
type Read = (bytes: Uint8Array) => number;

/** What is read, and by whom. A reader sees all telegrams once, in their order. */
interface Subject {
  readonly name: string;
  readonly telegrams: readonly Uint8Array[];
  readonly newReader: () => Read;
  /** Telegrams per second. */
  readonly aim: number;
}

/** Encrypted telegrams of a T210, one every ten seconds: tag and check sum are verified, objects become values. */
export function encryptedTelegrams(): Figure[] {
  const timeZone = 'Europe/Vienna';
  const start = Date.UTC(2026, 6, 1);
  const meter = new T210({ keys: KEYS, timeZone });
  return figuresOf({
    name: 'encrypted T210 telegrams',
    telegrams: Array.from({ length: TELEGRAMS }, (_, index) => meter.transmit(start + index * 10_000).bytes),
    newReader: () => {
      const decoder = encryptedDecoder(KEYS);
      const interpreter = new Interpreter(clientContext(), { ...P1_SETTINGS, time_zone: timeZone });
      return (bytes) =>
        decoder.push(bytes).filter((finding) => interpreter.interpret(finding, start)[0]?.kind === 'reading').length;
    },
    aim: 60_000,
  });
}

function figuresOf({ name, telegrams, newReader, aim }: Subject): Figure[] {
  const runs = Array.from({ length: WARM_UP_RUNS + RUNS }, () => cpuSeconds(telegrams, newReader()) / telegrams.length);
  const seconds = median(runs.slice(WARM_UP_RUNS));
  const bytes = allocatedBytes(telegrams, newReader());
  return [
    { what: `${name} through codec and mapping, one core`, measured: `${print(1 / seconds)}/s`, aim: `≥ ${print(aim)}/s` },
    { what: '… each', measured: `${print(seconds * 1e6, 1)} µs, ${print(bytes)} bytes allocated` },
  ];
}

/** The time of all threads: what other cores do meanwhile for garbage collection and compilation counts as well. */
function cpuSeconds(telegrams: readonly Uint8Array[], read: Read): number {
  const before = process.cpuUsage();
  let readings = 0;
  for (const telegram of telegrams) readings += read(telegram);
  const { user, system } = process.cpuUsage(before);
  if (readings !== telegrams.length) throw new Error(`${readings} readings from ${telegrams.length} telegrams`);
  return (user + system) / 1e6;
}

/** Per telegram, in the heap and in buffers outside of it. The median passes over the batches in which garbage was collected. */
function allocatedBytes(telegrams: readonly Uint8Array[], read: Read): number {
  globalThis.gc?.();
  const perTelegram: number[] = [];
  for (let from = 0; from < telegrams.length; from += BATCH) {
    const before = usedBytes();
    for (const telegram of telegrams.slice(from, from + BATCH)) read(telegram);
    perTelegram.push((usedBytes() - before) / BATCH);
  }
  return median(perTelegram);
}

function usedBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
