import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapTelegram } from '../../../../src/clients/p1/map.js';

const map = (...objects: (readonly [obis: string, ...contents: string[]])[]) =>
  mapTelegram({ identification: 'EST5\\253700000_A', objects: objects.map(([obis, ...contents]) => ({ obis, contents })) });

const valuesOf = (...objects: Parameters<typeof map>) => map(...objects).values;

const reasonsOf = (...objects: Parameters<typeof map>) => map(...objects).leftOut.map(({ obis, reason }) => `${obis}: ${reason}`);

test('every object of a T210 is mapped', () => {
  const mapped = map(
    ['1-3:0.2.8', '50'],
    ['0-0:1.0.0', '260115120000W'],
    ['1-0:1.8.0', '000000101*Wh'],
    ['1-0:1.8.1', '000000102*Wh'],
    ['1-0:1.8.2', '000000103*Wh'],
    ['1-0:1.7.0', '000000104*W'],
    ['1-0:2.8.0', '000000105*Wh'],
    ['1-0:2.8.1', '000000106*Wh'],
    ['1-0:2.8.2', '000000107*Wh'],
    ['1-0:2.7.0', '000000108*W'],
    ['1-0:3.8.0', '000000109*varh'],
    ['1-0:3.8.1', '000000110*varh'],
    ['1-0:3.8.2', '000000111*varh'],
    ['1-0:3.7.0', '000000112*var'],
    ['1-0:4.8.0', '000000113*varh'],
    ['1-0:4.8.1', '000000114*varh'],
    ['1-0:4.8.2', '000000115*varh'],
    ['1-0:4.7.0', '000000116*var'],
  );
  assert.deepEqual(mapped, {
    values: {
      'energy/imported-total': 101,
      'energy/used-tariff-1': 102,
      'energy/used-tariff-2': 103,
      'power/current-usage': 104,
      'energy/delivered-total': 105,
      'energy/delivered-tariff-1': 106,
      'energy/delivered-tariff-2': 107,
      'power/current-delivery': 108,
      'energy/reactive-imported-total': 109,
      'energy/reactive-imported-tariff-1': 110,
      'energy/reactive-imported-tariff-2': 111,
      'power/reactive-import': 112,
      'energy/reactive-exported-total': 113,
      'energy/reactive-exported-tariff-1': 114,
      'energy/reactive-exported-tariff-2': 115,
      'power/reactive-export': 116,
      'power/net-usage': -4,
      'identity/version': '50',
    },
    timed: [],
    channels: [],
    stamp: '260115120000W',
    leftOut: [],
  });
});

test('a telegram in kWh and kW gives exact Wh and W', () => {
  assert.deepEqual(valuesOf(['1-0:1.8.0', '000004.350*kWh'], ['1-0:1.7.0', '01.193*kW'], ['1-0:2.7.0', '00.000*kW']), {
    'energy/imported-total': 4350,
    'power/current-usage': 1193,
    'power/current-delivery': 0,
    'power/net-usage': 1193,
  });
});

for (const unit of ['kVArh', 'kvarh', 'Kvarh', 'KVARH']) {
  test(`${unit} is kvarh`, () => {
    assert.deepEqual(valuesOf(['1-0:3.8.0', `000000.818*${unit}`]), { 'energy/reactive-imported-total': 818 });
  });
}

test('three decimals without a unit are thousands, as the specifications write them', () => {
  assert.deepEqual(valuesOf(['1-0:3.7.0', '00.007'], ['1-0:1.8.1', '000123.456']), {
    'power/reactive-import': 7,
    'energy/used-tariff-1': 123456,
  });
});

test('net power needs both directions', () => {
  assert.deepEqual(valuesOf(['1-0:1.7.0', '000000621*W']), { 'power/current-usage': 621 });
});

const leftOut = [
  ['a missing unit', '1-0:3.7.0', '000000007', 'unknown unit'],
  ['a missing unit of an object that comes in several', '0-0:17.0.0', '77.376', 'unknown unit'],
  ['a unit of another quantity', '1-0:1.8.0', '00.007*kW', 'unknown unit'],
  ['a unit that nobody knows', '1-0:1.8.0', '000000001*kWk', 'unknown unit'],
  ['no number', '1-0:1.8.0', '*Wh', 'not a number'],
  ['an empty content', '1-0:1.8.0', '', 'not a number'],
  ['a part of a watt-hour', '1-0:1.8.0', '00000001.5*Wh', 'finer than its unit'],
  ['an object that nobody knows', '1-0:99.9.9', '1*Wh', 'unknown object'],
] as const;

for (const [what, obis, content, reason] of leftOut) {
  test(`${what} leaves the value out`, () => {
    assert.deepEqual(valuesOf([obis, content]), {});
    assert.deepEqual(reasonsOf([obis, content]), [`${obis}: ${reason}`]);
  });
}

test('a value in two brackets is not understood', () => {
  assert.deepEqual(reasonsOf(['1-0:1.8.0', '1*Wh', '2*Wh']), ['1-0:1.8.0: unknown unit']);
});

test('the serial number is the text behind its hexadecimal digits', () => {
  assert.equal(map(['0-0:96.1.1', '3132333435']).serial, '12345');
  assert.equal(map(['0-0:96.1.0', '4B384547']).serial, 'K8EG');
});

test('a serial number that is no such text is taken as it is', () => {
  assert.equal(map(['0-0:96.1.0', 'AB1234']).serial, 'AB1234');
  assert.equal(map(['0-0:96.1.0', 'xxxx']).serial, 'xxxx');
});

test('an empty serial number is none', () => {
  assert.equal(map(['0-0:96.1.1', '']).serial, undefined);
});

test('1-1: is read as 1-0:, which goes before it', () => {
  assert.deepEqual(valuesOf(['1-1:1.8.1', '001595.070*kWh']), { 'energy/used-tariff-1': 1_595_070 });
  assert.deepEqual(valuesOf(['1-0:1.8.1', '1*Wh'], ['1-1:1.8.1', '2*Wh']), { 'energy/used-tariff-1': 1 });
});

test('what a meter writes under 1-1: for itself is not read as 1-0:', () => {
  assert.deepEqual(valuesOf(['1-0:0.2.0', '02.21'], ['1-1:0.2.0', '02.13']), {
    'identity/firmware': '02.21',
    'identity/firmware-2': '02.13',
  });
});

test('the unit of the limit decides which limit it is', () => {
  assert.deepEqual(valuesOf(['0-0:17.0.0', '016.1*kW']), { 'supply/limit': 16_100 });
  assert.deepEqual(valuesOf(['0-0:17.0.0', '0085*A']), { 'supply/limit-current': 85 });
  assert.deepEqual(valuesOf(['0-0:17.0.0', '069.0*kVA']), { 'supply/limit-apparent': 69_000 });
});

test('the tariff goes by its number, and by its name where it has one', () => {
  assert.deepEqual(valuesOf(['0-0:96.14.0', '0002']), { 'tariff/current': 2 });
  assert.deepEqual(valuesOf(['0-0:96.14.0', 'CSUCS']), { 'tariff/current-name': 'CSUCS' });
});

test('a message is text behind hexadecimal digits, and empty when it is over', () => {
  assert.deepEqual(valuesOf(['0-0:96.13.0', '48656C6C6F']), { 'messages/text': 'Hello' });
  assert.deepEqual(valuesOf(['0-0:96.13.0', '']), { 'messages/text': '' });
});

test('negative numbers and numbers without a unit', () => {
  assert.deepEqual(valuesOf(['1-0:16.24.0', '-00.024*kW'], ['1-0:13.7.0', '-1.000'], ['1-0:32.36.0', '00003']), {
    'power/average-net': -24,
    'power/factor': -1,
    'quality/swells-l1': 3,
  });
});

test('volts, amperes and hertz have the decimals that the meter sent', () => {
  assert.deepEqual(valuesOf(['1-0:32.7.0', '234.7*V'], ['1-0:51.7.0', '017.19*A'], ['1-0:14.7.0', '50.00*Hz']), {
    'grid/voltage-l1': 234.7,
    'grid/current-l2': 17.19,
    'grid/frequency': 50,
  });
});

test('Luxembourg has a fuse for each direction in one object', () => {
  assert.deepEqual(valuesOf(['1-1:31.4.0', '100*A', '-063*A']), { 'supply/fuse-import': 100, 'supply/fuse-export': -63 });
});

test('a value with a time of its own is kept apart', () => {
  const mapped = map(['1-0:1.6.0', '200509134558S', '02.589*kW']);
  assert.deepEqual(mapped.values, {});
  assert.deepEqual(mapped.timed, [{ path: 'demand/peak', timePath: 'demand/peak-at', stamp: '200509134558S', value: 2589 }]);
});

test('an object that comes twice with other values is said, and its first value counts', () => {
  assert.deepEqual(valuesOf(['1-0:1.8.0', '1*Wh'], ['1-0:1.8.0', '2*Wh']), { 'energy/imported-total': 1 });
  assert.deepEqual(reasonsOf(['1-0:1.8.0', '1*Wh'], ['1-0:1.8.0', '2*Wh']), ['1-0:1.8.0: twice in the telegram']);
});
