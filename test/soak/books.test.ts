import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Book } from './books.js';
import { slopeOf, type Sample } from './memory.js';
import { settle, type Figures } from './settle.js';

function bookOf(...totals: readonly string[]): Book {
  const book = new Book('total');
  for (const [at, total] of totals.entries()) book.send({ total, power: '5' }, at);
  return book;
}

function problemsOf(book: Book, ...seen: readonly string[]): readonly string[] {
  for (const total of seen) book.see('total', total);
  return book.problems;
}

test('values in the order in which they were sent are right, also when some are missing or come twice', () => {
  const book = bookOf('1', '2', '3', '4');
  assert.deepEqual(problemsOf(book, '1', '3', '3', '4'), []);
  assert.deepEqual(book.balance(), { sent: 4, delivered: 3 });
});

test('a value that was never sent is a problem', () => {
  assert.deepEqual(problemsOf(bookOf('1', '2'), '1', '7'), ['total 7 was never sent']);
});

test('an older value after a newer one is a problem', () => {
  assert.deepEqual(problemsOf(bookOf('1', '2'), '2', '1'), ['total 1 came after a newer value']);
});

const FIGURES: Figures = { readings: 3, faults: 1, quarantined: 1, lost: 1, reconnects: 0 };
const METER = { faults: new Map([['corrupt', 1]] as const), implausibleAt: [1] };

function settled(
  figures: Partial<Figures>,
  cuts: readonly { readonly from: number; readonly to: number }[] = [],
): readonly string[] {
  const book = bookOf('1', '2', '3');
  for (const total of ['1', '3']) book.see('total', total);
  const sent = { id: 'meter', book, cuts, outages: [] };
  return settle({ ...FIGURES, ...figures }, sent, { first: 10, last: 13, meter: METER }).problems;
}

test('books balance when each telegram was read, merged, or spoilt and counted as lost', () => {
  assert.deepEqual(settled({}), []);
});

test('a telegram that was not read is explained by a cut line, and by nothing else', () => {
  assert.deepEqual(settled({ readings: 2, lost: 2 }, [{ from: 1, to: 1 }]), []);
  assert.deepEqual(settled({ readings: 2, lost: 2 }), ['the books do not balance: 1 not read, 0 sent around a cut line']);
});

test('books do not balance with a reading too many, a loss not counted, a wrong total that went out', () => {
  assert.match(settled({ readings: 4, lost: 0 }).join(), /-1 not read/);
  assert.match(settled({ readings: 1, lost: 3 }).join(), /1 read, 2 delivered/);
  assert.match(settled({ lost: 0 }).join(), /4 issued, 3 read and 0 counted as lost/);
  assert.match(settled({ quarantined: 0 }).join(), /1 wrong totals, 0 held back/);
});

test('a slope is what a figure grows by in an hour, with its error', () => {
  const samples = (noise: readonly number[]): Sample[] =>
    Array.from({ length: 48 }, (_, second) => ({
      atMs: second * 1_000,
      rss: second * 10 + (noise[second % noise.length] ?? 0),
      heap: 0,
      descriptors: 0,
      listeners: 0,
      timers: 0,
    }));
  const exact = slopeOf(samples([0]), 'rss');
  assert.equal(Math.round(exact?.perHour ?? 0), 36_000);
  assert.ok((exact?.error ?? 1) < 1e-6);
  const noisy = slopeOf(samples([0, 0, 300, 0, 0, 0, -200]), 'rss');
  assert.ok(noisy && Math.abs(noisy.perHour - 36_000) < 3 * noisy.error);
  assert.equal(slopeOf(samples([0]).slice(0, 5), 'rss'), undefined);
});
