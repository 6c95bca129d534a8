import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { SpoolMailbox } from '../../src/pipeline/spool/spool-mailbox.js';
import type { FakeClock } from '../support/fake-clock.js';
import { runSpool, spoolFolder, spoolOptions, type SpoolFolder } from '../support/spool.js';
import { threePhaseMeter } from '../support/three-phase.js';
import { print, type Figure } from './figure.js';

const DAY_S = 86_400;
const MILLION = 1_000_000;
const BATCH = { items: 500, ms: 9_000 } as const;
const MEGABYTE = 1_000_000;
const MIB = 2 ** 20;
/** So many different readings, again and again. */
const STRETCH = 10_000;

/** What the spool writes to the disk in a day of a reading a second, with a store that is up and with one that is down. */
export async function spoolWear(): Promise<Figure[]> {
  const [up, down] = [await writtenInADay('up'), await writtenInADay('down')];
  return [
    {
      what: 'written to disk in a day at one reading a second (26 values), store up',
      measured: `${print(up.pages / MEGABYTE, 2)} MB`,
      aim: '≤ 1 MB',
    },
    {
      what: '… store down, synced every 60 s',
      measured: `${print(down.pages / MEGABYTE, 1)} MB, of which ${print(down.files / DAY_S, 1)} bytes a reading stay`,
      aim: '≤ 20 MB',
    },
  ];
}

/** A million readings for a store that is away, and how they leave when it is back. */
export async function spoolRates(): Promise<Figure[]> {
  using folder = spoolFolder();
  const options = spoolOptions(folder);
  const { spool, end } = runSpool(options);
  const meter = threePhaseMeter(1);
  const readings = Array.from({ length: STRETCH }, (_, index) => meter(index));
  let occupiedBefore: number | undefined;
  let appendSeconds = 0;
  for (let count = 0; count < MILLION; count += STRETCH) {
    const before = process.cpuUsage();
    for (const reading of readings) spool.append(reading);
    appendSeconds += cpuSecondsSince(before);
    await setImmediate();
    occupiedBefore ??= occupied();
  }
  const more = occupied() - (occupiedBefore ?? 0);
  const drained = await drain(new SpoolMailbox({ spool, name: 'store', batch: BATCH, clock: options.clock }));
  await end();
  return [
    { what: 'spool: append, one core', measured: `${print(MILLION / appendSeconds)} readings/s` },
    { what: '… drain, in batches of 500', measured: `${print(MILLION / drained.seconds)} readings/s` },
    { what: '… how long the program is busy with it at a time', measured: `p99 ${print(drained.p99Ms, 1)} ms` },
    {
      what: '… memory that a million spooled readings take more than ten thousand',
      measured: `${print(Math.max(0, more) / MIB, 1)} MiB`,
    },
  ];
}

/** @returns bytes of pages that were given to the disk, and of the files at the end of the day */
async function writtenInADay(store: 'up' | 'down'): Promise<{ readonly pages: number; readonly files: number }> {
  using folder = onMemory(spoolFolder());
  const options = spoolOptions(folder);
  const { clock } = options;
  const { spool, end } = runSpool(options);
  const mailbox = new SpoolMailbox({ spool, name: 'store', batch: BATCH, clock });
  const meter = threePhaseMeter(1);
  const before = writtenBytes();
  const { signal } = new AbortController();
  for (let second = 0; second < DAY_S; second++) {
    spool.append(meter(second));
    if (store === 'up' && second % 10 === 9) {
      await mailbox.take(signal);
      mailbox.acknowledge();
    }
    await tick(clock);
  }
  const { bytes } = spool.figures;
  await end();
  return { pages: writtenBytes() - before, files: bytes };
}

/** A second goes by; whoever was busy with the disk is done before the next. */
async function tick(clock: FakeClock): Promise<void> {
  while (clock.sleeping === 0) await setImmediate();
  await clock.advance(1_000);
}

/** The journal as a service has it: in memory. */
function onMemory(folder: SpoolFolder): SpoolFolder {
  return existsSync('/dev/shm') ? { ...folder, journalFolder: join('/dev/shm', folder.folder.replaceAll('/', '-')) } : folder;
}

async function drain(mailbox: SpoolMailbox): Promise<{ readonly seconds: number; readonly p99Ms: number }> {
  const { signal } = new AbortController();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const before = process.cpuUsage();
  while (mailbox.length > 0) {
    await mailbox.take(signal);
    mailbox.acknowledge();
    await setImmediate();
  }
  const seconds = cpuSecondsSince(before);
  delay.disable();
  return { seconds, p99Ms: delay.percentile(99) / 1e6 };
}

/** Of all threads: what others do on this machine does not count. */
function cpuSecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Bytes of pages that this process made dirty and that were not given up before they were written. proc(5), /proc/pid/io. */
function writtenBytes(): number {
  const io = readFileSync('/proc/self/io', 'latin1');
  const field = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(io)?.[1]);
  return field('write_bytes') - field('cancelled_write_bytes');
}

function occupied(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
