import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LinkError } from '../../src/model/errors.js';
import type { Logger } from '../../src/model/ports.js';
import { systemClock } from '../../src/pipeline/clock.js';
import { deliver } from '../../src/pipeline/deliver.js';
import { Deliveries } from '../../src/pipeline/figures.js';
import type { HistorySink, Recorded } from '../../src/pipeline/sink.js';
import { SpoolMailbox } from '../../src/pipeline/spool/spool-mailbox.js';
import { Spool } from '../../src/pipeline/spool/spool.js';
import { randomFrom } from '../../src/simulators/random.js';
import { DEVICE } from './items.js';

/**
 * A process to be killed: a spool, two meters that talk all the time, and two stores of which one or the other is away now and then.
 * Arguments: the folder, a seed, and how often the meters are to have spoken before it ends by itself (0: never). What a meter has said is noted in `said` once the
 * spool has it; what a store has, line by line, in a file of its name.
 */
const [folder = '', seed = '0', until = '0'] = process.argv.slice(2);
const STORES = ['steady', 'shaky'] as const;
const METERS = [DEVICE, { ...DEVICE, id: 'other-meter' }] as const;
/** So small that every path is taken within moments. */
const SYNC_MS = 20;
const SEGMENT_BYTES = 2_000;

const log: Logger = {
  debugs: false,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (message, fields) => process.stderr.write(`${message} ${JSON.stringify(fields)}\n`),
};

const spool = Spool.open({
  folder: join(folder, 'disk'),
  journalFolder: join(folder, 'run'),
  sinks: STORES,
  clock: systemClock,
  log,
  syncMs: SYNC_MS,
  maxBytes: 2 ** 30,
  maxAgeMs: Infinity,
  segmentBytes: SEGMENT_BYTES,
});
const stop = new AbortController();
const kept = new AbortController();
const keeping = spool.keep(kept.signal);
const target = Number(until);
const random = randomFrom(Number(seed));
const mailboxes = STORES.map((name) => new SpoolMailbox({ spool, name, batch: { items: 50, ms: 5 }, clock: systemClock }));
const deliveries = mailboxes.map((mailbox, index) =>
  deliver(
    { sink: store(STORES[index] ?? ''), mailbox, clock: systemClock, log, random: () => 0.001, deliveries: new Deliveries() },
    stop.signal,
  ),
);
process.stdout.write('ready\n');
for (let n = saidBefore(); target === 0 || n < target; n++) {
  say(n);
  if (n % 10 === 0) await sleep(1);
}
while (mailboxes.some(({ length }) => length > 0)) await sleep(5);
for (const mailbox of mailboxes) mailbox.close();
await Promise.all(deliveries);
kept.abort();
await keeping;

/** Both meters say the same: the number, as a total, at a time that follows from it. */
function say(n: number): void {
  for (const device of METERS) {
    spool.append({
      kind: 'reading',
      device,
      measuredAt: Date.UTC(2026, 0, 1) + n * 1_000,
      receivedAt: Date.now(),
      values: { n },
    });
  }
  appendFileSync(join(folder, 'said'), `${n}\n`);
}

function saidBefore(): number {
  const path = join(folder, 'said');
  return existsSync(path) ? readFileSync(path, 'latin1').split('\n').length - 1 : 0;
}

/** A store that is a file. The shaky one is away most of the time, and loses the connection after it has taken some. */
function store(name: string): HistorySink {
  const isAway = (): boolean => name === 'shaky' && target === 0 && random() < 0.7;
  const keep = (items: readonly Recorded[]): void => {
    const lines = items.map(({ device, at, sequence, values }) => JSON.stringify([device.id, at, sequence, values.n]));
    appendFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(''));
  };
  // One that was killed may have left half a line.
  appendFileSync(join(folder, name), '\n');
  return {
    batch: { items: 50, ms: 5 },
    open: async () => {
      if (isAway()) throw new LinkError('away');
    },
    write: async (items) => {
      await sleep(1);
      if (isAway()) {
        keep(items.slice(0, items.length / 2));
        throw new LinkError('lost', { retryAfterMs: 0 });
      }
      keep(items);
    },
    close: async () => undefined,
  };
}
