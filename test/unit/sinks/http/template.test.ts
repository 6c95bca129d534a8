import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTemplate } from '../../../../src/sinks/http/template.js';
import type { Values } from '../../../../src/model/reading.js';
import { NOON, recorded } from '../../../support/histories.js';
import { HOUSE } from '../../../vectors/csv/golden.js';

const VALUES: Values = { 'energy/imported-total': 326_641, 'power/current-usage': 507, 'messages/text': 'say "hi"\n{device}' };

function fill(template: unknown, values = VALUES): unknown {
  const layout = parseTemplate(template === undefined ? undefined : JSON.stringify(template));
  if (typeof layout === 'string') return layout;
  const body = layout(recorded(values, NOON, { device: HOUSE, receivedAt: NOON + 400, sequence: 7 }));
  if (body) assert.equal(body.type, 'application/json');
  return body && (JSON.parse(body.text) as unknown);
}

test('a text that is nothing but a placeholder becomes the value, with its type and in the unit that is asked for', () => {
  assert.deepEqual(fill({ a: '{energy/imported-total}', b: ['{energy/imported-total kWh}', '{energy/imported-total kWh 1}'] }), {
    a: 326_641,
    b: [326.641, 326.6],
  });
  assert.deepEqual(fill({ a: '{grid/voltage-l1 1}' }, { 'grid/voltage-l1': 230.14 }), { a: 230.1 });
});

test('in a longer text a value is a text; what is no placeholder stays', () => {
  const template = { text: '{device}: {power/current-usage kW} kW at {time}', number: 1, no: null, yes: true, brace: 'a } b' };
  assert.deepEqual(fill(template), {
    text: 'house: 0.507 kW at 2026-01-15T12:00:00.000Z',
    number: 1,
    no: null,
    yes: true,
    brace: 'a } b',
  });
});

test('what is told of every reading', () => {
  const template = { m: '{ms}', s: '{s}', r: '{received}', q: '{sequence}', n: '{name}', serial: '{serial}' };
  assert.deepEqual(fill(template), { m: NOON, s: NOON / 1_000, r: '2026-01-15T12:00:00.400Z', q: 7, n: 'House' });
});

test('what the reading lacks is left out with its key, and is null in a list', () => {
  assert.deepEqual(fill({ a: '{gas/volume}', b: ['{gas/volume}', 1], c: '{gas/volume} m³', d: '{power/current-usage}' }), {
    b: [null, 1],
    c: ' m³',
    d: 507,
  });
});

test('a reading that has none of the values makes no body', () => {
  assert.equal(fill({ at: '{time}', gas: '{gas/volume}' }), undefined);
  assert.equal(fill({ at: '{time}', all: '{values}' }, {}), undefined);
});

test('what stands in a text of the meter is no template, and cannot leave its place', () => {
  assert.deepEqual(fill({ text: 'x{messages/text}x' }), { text: 'xsay "hi"\n{device}x' });
});

test('without a template everything is told', () => {
  assert.deepEqual(fill(undefined, { 'energy/imported-total': 1, 'gas/volume': 2.5 }), {
    device: 'house',
    name: 'House',
    measured_at: '2026-01-15T12:00:00.000Z',
    received_at: '2026-01-15T12:00:00.400Z',
    values: { energy: { 'imported-total': 1 }, gas: { volume: 2.5 } },
  });
});

test('a template that is no JSON, and a placeholder for nothing, are said', () => {
  assert.match(String(parseTemplate('{"a": {power/current-usage}}')), /^expected JSON, with placeholders in its texts/);
  assert.match(String(parseTemplate('{"a": "{tiem}"}')), /^\{tiem\} stands for nothing: expected device, name,/);
  assert.match(String(parseTemplate('{"a": "{power/current-usage PS}"}')), /^\{power\/current-usage PS\} stands for nothing/);
});
