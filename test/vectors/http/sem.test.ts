import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recorded } from '../../../src/pipeline/sink.js';
import type { Values } from '../../../src/model/reading.js';
import { recorded, writeTo } from '../../support/histories.js';
import { historyOf } from '../../support/sink-settings.js';
import { startWebServer } from '../../support/web-server.js';
import { FLUVIUS, HOUSE } from '../csv/golden.js';

/** The telegram that such senders are tried with. */
const MOCK: Values = {
  'grid/voltage-l1': 220.1,
  'grid/voltage-l2': 220.2,
  'grid/voltage-l3': 220.3,
  'grid/current-l1': 1,
  'grid/current-l2': 2,
  'grid/current-l3': 3,
  'energy/used-tariff-1': 123_456_789,
  'energy/used-tariff-2': 123_456_789,
  'energy/delivered-tariff-1': 123_456_789,
  'energy/delivered-tariff-2': 123_456_789,
  'power/current-usage': 1_193,
  'power/current-delivery': 0,
};

const gas = (volume: number): Recorded => recorded({ 'gas/volume': volume }, FLUVIUS.gasAt, { device: HOUSE, timing: 'own' });
const electricity = (values: Values): Recorded => recorded(values, FLUVIUS.at, { device: HOUSE });

/** What is posted for these readings. */
async function bodiesOf(readings: readonly Recorded[], toml = '', secrets = 'api_key = "K"'): Promise<string[]> {
  await using server = await startWebServer(() => ({ status: 200, text: 'New record created successfully' }));
  const { sink } = await historyOf('http', `url = "${server.url}/post-data.php"\npreset = "sem"\n${toml}`, secrets);
  await writeTo(sink, readings);
  for (const { method, path, headers } of server.asked) {
    assert.deepEqual([method, path], ['POST', '/post-data.php']);
    assert.equal(headers['content-type'], 'application/x-www-form-urlencoded');
  }
  return server.asked.map(({ body }) => body.toString());
}

test('the form is that of the senders, byte for byte; gas is the newest that was heard of, what is not known is -1', async () => {
  assert.deepEqual(await bodiesOf([gas(12_785.123), electricity(MOCK)]), [
    'api_key=K&UL1=220.1&UL2=220.2&UL3=220.3&IL1=1.0&IL2=2.0&IL3=3.0&Pcl=123456.789&Pch=123456.789&Ppl=123456.789&Pph=123456.789&Pc=1.193&Pp=0.000&Vg=12785.123&Vw=-1.000',
  ]);
});

test('Pch is tariff 1 and Pcl tariff 2; of what is delivered it is the other way round, or not', async () => {
  const tariffs = {
    'energy/used-tariff-1': 1_001,
    'energy/used-tariff-2': 1_002,
    'energy/delivered-tariff-1': 2_001,
    'energy/delivered-tariff-2': 2_002,
  };
  const part = ([body = '']: string[]): string => body.split('&').slice(7, 11).join(' ');
  assert.equal(part(await bodiesOf([electricity(tariffs)])), 'Pcl=1.002 Pch=1.001 Ppl=2.001 Pph=2.002');
  assert.equal(
    part(await bodiesOf([electricity(tariffs)], 'production = "straight"')),
    'Pcl=1.002 Pch=1.001 Ppl=2.002 Pph=2.001',
  );
});

test('a key is encoded as forms are', async () => {
  const [body = ''] = await bodiesOf([electricity(MOCK)], '', "api_key = 'a&b=c d'");
  assert.ok(body.startsWith('api_key=a%26b%3Dc%20d&UL1='));
});

test('what has nothing of the form is not sent', async () => {
  assert.deepEqual(await bodiesOf([gas(1), electricity({ 'meter/serial-number': '1' })]).then((bodies) => bodies.length), 1);
  assert.deepEqual(await bodiesOf([electricity({ 'meter/serial-number': '1' })]), []);
});
