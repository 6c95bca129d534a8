import { Interpreter } from '../../src/clients/p1/interpreter.js';
import { encryptedDecoder } from '../../src/codecs/p1/encrypted.js';
import { plainDecoder } from '../../src/codecs/p1/frame.js';
import { stampPrinter } from '../../src/codecs/p1/time.js';
import { T210 } from '../../src/simulators/t210.js';
import { clientContext } from '../support/client-context.js';
import { P1_SETTINGS } from '../support/p1.js';
import { dsmr5, fluvius } from '../support/dsmr.js';
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

/** Telegrams that are not encrypted, one every second: their check sum is verified, objects become values. */
export function plainTelegrams(): Figure[] {
  return [
    ...figuresOf(plainSubject('DSMR 5 telegrams', dsmr5)),
    ...figuresOf(plainSubject('Fluvius telegrams', fluvius)),
    ...lineFigures(),
  ];
}

function plainSubject(name: string, telegramOf: (watts: number, stamp: string) => Uint8Array): Subject {
  const timeZone = 'Europe/Brussels';
  const start = Date.UTC(2026, 0, 15);
  const print = stampPrinter(timeZone);
  const telegrams = Array.from({ length: TELEGRAMS }, (_, index) => telegramOf(index % 5_000, print(start + index * 1_000)));
  return {
    name: `${name} (${telegrams[0]?.length ?? 0} bytes)`,
    telegrams,
    newReader: () => {
      const decoder = plainDecoder();
      const interpreter = new Interpreter(clientContext(), { ...P1_SETTINGS, time_zone: timeZone });
      return (bytes) =>
        decoder.push(bytes).filter((finding) => interpreter.interpret(finding, start)[0]?.kind === 'reading').length;
    },
    aim: 60_000,
  };
}

/** What a byte costs, however the line delivers it: a telegram in whole, a byte at a time, and garbage of two lengths. */
function lineFigures(): Figure[] {
  const telegrams = Buffer.concat(Array.from({ length: 500 }, (_, watts) => dsmr5(watts)));
  const garbage = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => (at * 7_919) >> 3);
  const rows = [
    ['in chunks of 64 bytes', nanosecondsPerByte(telegrams, 64)],
    ['a byte at a time', nanosecondsPerByte(telegrams, 1)],
    ['64 KiB of garbage, a byte at a time', nanosecondsPerByte(garbage(65_536), 1)],
    ['1 MiB of garbage, a byte at a time', nanosecondsPerByte(garbage(1_048_576), 1)],
  ] as const;
  return rows.map(([what, nanoseconds]) => ({ what: `… decoding, ${what}`, measured: `${print(nanoseconds, 1)} ns per byte` }));
}

function nanosecondsPerByte(bytes: Uint8Array, length: number): number {
  const chunks = Array.from({ length: Math.ceil(bytes.length / length) }, (_, n) => bytes.subarray(n * length, (n + 1) * length));
  const runs = Array.from({ length: WARM_UP_RUNS + RUNS }, () => {
    const decoder = plainDecoder();
    const before = process.cpuUsage();
    for (const chunk of chunks) decoder.push(chunk);
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1_000) / bytes.length;
  });
  return median(runs.slice(WARM_UP_RUNS));
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
