import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Interpreter } from '../../../src/clients/p1/interpreter.js';
import { plainDecoder } from '../../../src/codecs/p1/frame.js';
import type { Recorded } from '../../../src/pipeline/sink.js';
import { clientContext } from '../../support/client-context.js';
import { corpus, skipWithoutCorpus } from '../../support/corpus.js';
import { recorded, writeTo } from '../../support/histories.js';
import { P1_SETTINGS } from '../../support/p1.js';
import { historyOf } from '../../support/sink-settings.js';
import { startWebServer } from '../../support/web-server.js';
import { FLUVIUS, HOUSE } from '../csv/golden.js';

/** What a reader of Belgian meters wrote for that telegram, with precision=s. */
const BELGIAN = [
  'electricity total_consumption_day=4248.198,total_consumption_night=6615.642,total_injection_day=2278.958,total_injection_night=908.264,actual_tariff=2i,actual_total_consumption=0.507,actual_total_injection=0,actual_l1_consumption=0.245,actual_l2_consumption=0,actual_l3_consumption=0.261,actual_l1_injection=0,actual_l2_injection=0,actual_l3_injection=0,l1_voltage=227.1,l2_voltage=0,l3_voltage=226.7,l1_current=1.53,l2_current=1.94,l3_current=1.65 1635097955',
  'gas total_gas_consumption=3775.342 1635097805',
];

const READINGS = [
  recorded(FLUVIUS.electricity, FLUVIUS.at, { device: HOUSE }),
  recorded(FLUVIUS.gas, FLUVIUS.gasAt, { device: HOUSE, timing: 'own' }),
];

/** The lines that a server gets of these readings. */
async function linesOf(toml: string, readings: readonly Recorded[]): Promise<string[]> {
  await using server = await startWebServer(() => ({ status: 204 }));
  const { sink } = await historyOf('influxdb', `url = "${server.url}"\n${toml}`);
  await writeTo(sink, readings);
  const text = server.asked.map(({ body }) => gunzipSync(body).toString()).join('');
  assert.ok(text.endsWith('\n'));
  return text.split('\n').slice(0, -1);
}

test('the preset belgian writes the lines of readers of Belgian meters, byte for byte', async () => {
  assert.deepEqual(await linesOf('version = 1\ndatabase = "smartmeter"\npreset = "belgian"\n', READINGS), BELGIAN);
});

test('so it does with the telegram itself, gas under its own time', { skip: skipWithoutCorpus }, async () => {
  const bytes = readFileSync(join(corpus ?? '', 'dsmr', 'wimdh-flu5-gas.txt'));
  const context = clientContext();
  const interpreter = new Interpreter(context, { ...P1_SETTINGS, time_zone: 'Europe/Brussels' });
  const items = plainDecoder()
    .push(bytes)
    .flatMap((finding) => interpreter.interpret(finding, FLUVIUS.at));
  const readings = items.flatMap((item) =>
    item.kind === 'reading' ? [{ ...item, at: item.measuredAt ?? NaN, sequence: 1 }] : [],
  );
  const lines = await linesOf('version = 1\ndatabase = "smartmeter"\npreset = "belgian"\n', readings);
  assert.deepEqual(lines.slice(0, 2), BELGIAN);
});

// DSMR-reader, src/dsmr_influxdb/models.py: the default of "formatting"; currents are integers in its database.
test('the preset dsmr-reader writes its six measurements', async () => {
  assert.deepEqual(await linesOf('version = 1\ndatabase = "dsmr"\npreset = "dsmr-reader"\n', READINGS), [
    'electricity_live currently_delivered=0.507,currently_returned=0 1635097955',
    'electricity_positions delivered_1=4248.198,returned_1=2278.958,delivered_2=6615.642,returned_2=908.264 1635097955',
    'electricity_voltage phase_l1=227.1,phase_l2=0,phase_l3=226.7 1635097955',
    'electricity_phases currently_delivered_l1=0.245,currently_delivered_l2=0,currently_delivered_l3=0.261,currently_returned_l1=0,currently_returned_l2=0,currently_returned_l3=0 1635097955',
    'electricity_power current_l1=2i,current_l2=2i,current_l3=2i 1635097955',
    'gas_positions delivered=3775.342 1635097805',
  ]);
});

test('the preset native writes every node as a measurement, every number as a float, in milliseconds', async () => {
  const values = {
    'energy/imported-total': 326_641,
    'power/current-usage': 507,
    'power/net-usage': -12,
    'messages/text': 'a "b"',
  };
  const lines = await linesOf('version = 1\ndatabase = "house"\n[sinks.influxdb.tags]\nplace = "cellar, left"\n', [
    recorded(values, FLUVIUS.at + 7, { device: HOUSE }),
    READINGS[1] ?? recorded({}),
  ]);
  assert.deepEqual(lines, [
    'energy,device=house,place=cellar\\,\\ left imported_total=326641 1635097955007',
    'power,device=house,place=cellar\\,\\ left current_usage=507,net_usage=-12 1635097955007',
    'messages,device=house,place=cellar\\,\\ left text="a \\"b\\"" 1635097955007',
    'gas,device=house,place=cellar\\,\\ left volume=3775.342 1635097805000',
  ]);
});

test('a map writes what it names, in the units that it names', async () => {
  const toml = `version = 1
database = "house"
precision = "s"
[sinks.influxdb.map]
meter = """
  import = energy/used-tariff-1 kWh
  tariff = tariff/current integer
  amps = grid/current-l1 A integer, volts = grid/voltage-l1
  nothing = energy/imported-total
"""
gas = "total=gas/volume l"
`;
  assert.deepEqual(await linesOf(toml, READINGS), [
    'meter,device=house import=4248.198,tariff=2i,amps=2i,volts=227.1 1635097955',
    'gas,device=house total=3775342 1635097805',
  ]);
});
