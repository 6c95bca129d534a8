import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '../../../../src/model/errors.js';
import { layoutOf, topicFor, type JsonSettings } from '../../../../src/sinks/mqtt-json/settings.js';
import { mqttSettings } from '../../../support/mqtt-homie.js';

const SETTINGS: JsonSettings = {
  topic: 'tele/{device}/SENSOR',
  status_topic: 'tele/{device}/LWT',
  retain: false,
  preset: undefined,
  array_always: false,
  time_zone: undefined,
  keys: undefined,
  units: undefined,
  decimals: undefined,
  mqtt: mqttSettings('mqtt://localhost'),
};

function problemsOf(settings: Partial<JsonSettings>): string[] {
  try {
    layoutOf({ ...SETTINGS, ...settings });
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message.split('\n');
  }
}

test('the id of the device stands in a topic where it is asked for', () => {
  assert.equal(topicFor('tele/{device}/SENSOR', 'house'), 'tele/house/SENSOR');
  assert.equal(topicFor('tele/smartmeter/SENSOR', 'house'), 'tele/smartmeter/SENSOR');
});

test('keys, a preset, or neither are a layout', () => {
  assert.deepEqual(problemsOf({}), []);
  assert.deepEqual(problemsOf({ preset: 'tele', array_always: true, time_zone: 'Europe/Budapest' }), []);
  assert.deepEqual(problemsOf({ keys: { A: 'energy/total' }, units: { A: 'kWh' }, decimals: { A: 3 } }), []);
});

test('what does not go together is said, all of it at once', () => {
  assert.deepEqual(problemsOf({ preset: 'tele', keys: { A: 'energy/total' } }), [
    'preset: makes the whole message: expected either it or a table keys',
  ]);
  assert.deepEqual(
    problemsOf({
      array_always: true,
      time_zone: 'Europe/Budapest',
      keys: { A: 'total' },
      units: { B: 'kWh' },
      decimals: { C: 1 },
    }),
    [
      'array_always: is of use with preset = "tele" only',
      'time_zone: is of use with preset = "tele" only',
      'keys.A: expected a path such as energy/imported-total',
      'units.B: there is no such key in the table keys',
      'decimals.C: there is no such key in the table keys',
    ],
  );
});
