import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localStampReader, stampPrinter, stampReader } from '../../../../src/codecs/p1/time.js';

interface Stamp {
  readonly zone: string;
  readonly stamp: string;
  readonly utc: string;
  readonly contradictory?: true;
}

const stamps: readonly Stamp[] = [
  { zone: 'Europe/Vienna', stamp: '260115120000W', utc: '2026-01-15T11:00:00.000Z' },
  { zone: 'Europe/Vienna', stamp: '260715120000S', utc: '2026-07-15T10:00:00.000Z' },
  // The hour that comes twice in autumn.
  { zone: 'Europe/Vienna', stamp: '261025023000S', utc: '2026-10-25T00:30:00.000Z' },
  { zone: 'Europe/Vienna', stamp: '261025023000W', utc: '2026-10-25T01:30:00.000Z' },
  // The first second of summer time, and the last of winter time before it.
  { zone: 'Europe/Vienna', stamp: '260329015959W', utc: '2026-03-29T00:59:59.000Z' },
  { zone: 'Europe/Vienna', stamp: '260329030000S', utc: '2026-03-29T01:00:00.000Z' },
  // A Swedish meter keeps standard time all year, which is right.
  { zone: 'Europe/Stockholm', stamp: '220408135021W', utc: '2022-04-08T12:50:21.000Z' },
  { zone: 'Europe/Vilnius', stamp: '260715120000S', utc: '2026-07-15T09:00:00.000Z' },
  { zone: 'Europe/Dublin', stamp: '260715120000S', utc: '2026-07-15T11:00:00.000Z' },
  { zone: 'Europe/Dublin', stamp: '260215120000S', utc: '2026-02-15T12:00:00.000Z', contradictory: true },
  { zone: 'Europe/Vienna', stamp: '260115120000S', utc: '2026-01-15T11:00:00.000Z', contradictory: true },
  { zone: 'Etc/UTC', stamp: '260715120000S', utc: '2026-07-15T12:00:00.000Z', contradictory: true },
  { zone: 'America/New_York', stamp: '260715120000S', utc: '2026-07-15T16:00:00.000Z' },
  { zone: 'Europe/Vienna', stamp: '240229235959W', utc: '2024-02-29T22:59:59.000Z' },
];

for (const { zone, stamp, utc, contradictory = false } of stamps) {
  test(`${stamp} in ${zone} is ${utc}${contradictory ? ', contradictory' : ''}`, () => {
    assert.deepEqual(stampReader(zone)(stamp), { instant: Date.parse(utc), contradictory });
  });
}

const impossible = [
  ...['632525252525S', '632525252525W', '700101010000W', '000101000000W', '000101000001W', '250000000000W'],
  ...['263401120000W', '250229120000W', '260115240000W', '260115126000W', '260115120060W', '260115120000', '260115120000X', ''],
];

for (const stamp of impossible) {
  test(`"${stamp}" is no time`, () => {
    assert.equal(stampReader('Europe/Vienna')(stamp), undefined);
  });
}

test('an unknown zone is refused when the reader is made', () => {
  assert.throws(() => stampReader('Europe/Graz'), RangeError);
});

test('a reader goes from winter to summer and back', () => {
  const read = stampReader('Europe/Vienna');
  const instants = ['260115120000W', '260715120000S', '270115120000W', '260715120000S'].map((stamp) => read(stamp)?.instant);
  assert.deepEqual(
    instants,
    ['2026-01-15T11:00Z', '2026-07-15T10:00Z', '2027-01-15T11:00Z', '2026-07-15T10:00Z'].map(Date.parse),
  );
});

test('an instant is printed as a meter prints it', () => {
  const print = stampPrinter('Europe/Vienna');
  assert.equal(print(Date.parse('2026-10-25T00:30:00Z')), '261025023000S');
  assert.equal(print(Date.parse('2026-10-25T01:30:00Z')), '261025023000W');
});

const LATER = Date.parse('2030-01-01T00:00Z');

test('a stamp without a letter is local time by the rules of the zone', () => {
  const read = localStampReader('Europe/Amsterdam');
  assert.equal(read('120517020000', LATER), Date.parse('2012-05-17T00:00Z'));
  assert.equal(read('090212160000', LATER), Date.parse('2009-02-12T15:00Z'));
});

test('of the hour that comes twice in autumn the second is meant, unless it is still to come', () => {
  const read = localStampReader('Europe/Amsterdam');
  assert.equal(read('261025023000', LATER), Date.parse('2026-10-25T01:30Z'));
  assert.equal(read('261025023000', Date.parse('2026-10-25T00:45Z')), Date.parse('2026-10-25T00:30Z'));
});

test('the hour that is left out in spring counts as standard time', () => {
  assert.equal(localStampReader('Europe/Amsterdam')('260329023000', LATER), Date.parse('2026-03-29T01:30Z'));
});

for (const stamp of ['260715120000S', '632525252525', '000101000000', '2607151200', '']) {
  test(`"${stamp}" is no local time`, () => {
    assert.equal(localStampReader('Europe/Amsterdam')(stamp, LATER), undefined);
  });
}
