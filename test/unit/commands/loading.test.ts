import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, type Loaded } from '../../../src/commands/loading.js';
import { LinkError, RejectedError } from '../../../src/model/errors.js';
import type { HistorySink, Recorded } from '../../../src/pipeline/sink.js';
import { FakeClock } from '../../support/fake-clock.js';
import { reading } from '../../support/items.js';
import { RecordingLogger } from '../../support/logger.js';

const NOON = Date.UTC(2026, 0, 15, 12);

/** Readings with the numbers 1, 2, 3 …, as they come out of a file whose end may be damaged. */
async function* numbered(count: number, damage?: Error): AsyncGenerator<Loaded> {
  for (let n = 1; n <= count; n++) yield { ...reading({ n }), at: NOON + n, sequence: 0, where: `line ${n}`, line: n };
  if (damage) throw damage;
}

/** Loads into a sink that takes three at once, made of the given parts; notes its calls and what is reported. */
function loading(items: AsyncGenerator<Loaded>, parts: Partial<HistorySink> = {}) {
  const clock = new FakeClock();
  const log = new RecordingLogger();
  const stop = new AbortController();
  const calls: string[] = [];
  const told: string[] = [];
  const sink: HistorySink = {
    batch: { items: 3, ms: 60_000 },
    async open(signal, lost) {
      calls.push('open');
      await parts.open?.(signal, lost);
    },
    async write(batch, signal) {
      await parts.write?.(batch, signal);
      calls.push(numbersOf(batch));
    },
    async close() {
      calls.push('close');
    },
  };
  const report = {
    written: (count: number, { line }: Loaded) => told.push(`${count} up to line ${line}`),
    rejected: (items: readonly Loaded[], reason: string) => told.push(`${items.map(({ where }) => where).join()}: ${reason}`),
  };
  const signals = { stop: stop.signal, deadline: new AbortController().signal };
  const ended = load(sink, items, report, { clock, log, random: () => 1 }, signals);
  // It is looked at in the end.
  ended.catch(() => undefined);
  return { clock, calls, told, stop, ended };
}

function numbersOf(batch: readonly Recorded[]): string {
  return batch.map(({ values }) => values.n).join('+');
}

test('readings are written in batches, as the store likes them, and told when they are safe', async () => {
  const { calls, told, ended } = loading(numbered(7));
  await ended;
  assert.deepEqual(calls, ['open', '1+2+3', '4+5+6', '7', 'close']);
  assert.deepEqual(told, ['3 up to line 3', '3 up to line 6', '1 up to line 7']);
});

test('what a store refuses is told with its line, and the rest of the batch is written', async () => {
  const { calls, told, ended } = loading(numbered(4), {
    write: async (batch) => {
      const which = batch.flatMap(({ values }, index) => (values.n === 2 ? [index] : []));
      if (which.length > 0) throw new RejectedError('no such column', which);
    },
  });
  await ended;
  assert.deepEqual(
    calls.filter((call) => call !== 'open' && call !== 'close'),
    ['1+3+4'],
  );
  assert.deepEqual(told, ['line 2: no such column', '3 up to line 4']);
});

test('a store that is away for a while gets the same again', async () => {
  let tries = 0;
  const { clock, calls, ended } = loading(numbered(4), {
    write: async () => {
      tries += 1;
      if (tries === 2) throw new LinkError('connection lost');
    },
  });
  await clock.advance(60_000);
  await ended;
  assert.deepEqual(calls, ['open', '1+2+3', 'close', 'open', '4', 'close']);
});

test('a store that cannot be reached at first is not waited for', async () => {
  const { ended, told } = loading(numbered(4), {
    open: async () => {
      throw new LinkError('connection refused');
    },
  });
  await assert.rejects(ended, new LinkError('connection refused'));
  assert.deepEqual(told, []);
});

test('a store that stays away is given up after ten minutes', async () => {
  let tries = 0;
  const { clock, ended } = loading(numbered(4), {
    open: async () => {
      tries += 1;
      if (tries > 1) throw new LinkError('connection refused');
    },
    write: async () => {
      throw new LinkError('connection lost');
    },
  });
  await clock.advance(12 * 60_000);
  await assert.rejects(ended, new LinkError('connection refused'));
});

test('so is one that opens and takes nothing', async () => {
  const { clock, ended } = loading(numbered(4), {
    write: async () => {
      throw new LinkError('no space left');
    },
  });
  await clock.advance(13 * 60_000);
  await assert.rejects(ended, new LinkError('no space left'));
});

test('a write that takes too long is tried again, whatever it throws when it is cut short', async () => {
  let tries = 0;
  const { clock, calls, ended } = loading(numbered(2), {
    write: (_, signal) => {
      tries += 1;
      if (tries > 1) return Promise.resolve();
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(new TypeError('socket closed'));
        });
      });
    },
  });
  await clock.advance(60_000);
  await ended;
  assert.deepEqual(calls, ['open', 'close', 'open', '1+2', 'close']);
});

test('a bug in a sink ends it, rather than being tried again and again', async () => {
  const { ended } = loading(numbered(4), {
    write: async () => {
      throw new TypeError('a bug');
    },
  });
  await assert.rejects(ended, new TypeError('a bug'));
});

test('what was read before the damage of a file is written before that is told', async () => {
  const { calls, ended } = loading(numbered(4, new Error('damaged')));
  await assert.rejects(ended, new Error('damaged'));
  assert.deepEqual(calls, ['open', '1+2+3', '4', 'close']);
});

test('when it is to stop, what was taken is written, and nothing more is read', async () => {
  const all = numbered(1_000);
  const { calls, stop, ended } = loading(all, {
    write: async () => {
      stop.abort();
    },
  });
  await ended;
  assert.deepEqual(calls, ['open', '1+2+3', 'close']);
  const next: IteratorResult<Loaded, undefined> = await all.next();
  assert.equal(next.value?.line, 4);
});
