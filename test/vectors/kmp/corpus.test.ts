import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GET_SERIAL_NUMBER, encodeRequest, getRegisters } from '../../../src/codecs/kmp/command.js';
import { parseRequestedRegisters } from '../../../src/codecs/kmp/encode.js';
import { KmpDecoder, type Direction, type KmpFrame } from '../../../src/codecs/kmp/frame.js';
import { parseRegisters, unitName } from '../../../src/codecs/kmp/register.js';
import type { Decimal } from '../../../src/model/decimal.js';
import { corpusFiles, skipWithoutCorpus as skip } from '../../support/corpus.js';

/** What these tests look at in a capture's expected.json. Its frames stand one per line: `>` to the meter, `<` from it, `~` other bytes. */
interface Expected {
  readonly verdict: 'accept' | 'reject';
  readonly frames: readonly {
    readonly raw: string;
    readonly kind: string;
    readonly cid?: string;
    readonly serial_number?: string;
    readonly registers_requested?: readonly { readonly id: number }[];
  }[];
  readonly values: readonly { readonly register: number; readonly value: string; readonly unit: string | null }[];
}

/** The intact frames of one direction in lines of hexadecimal digits, one after the other on one line. */
function framesIn(direction: Direction, lines: readonly string[]): KmpFrame[] {
  const bytes = Uint8Array.from(Buffer.from(lines.join(''), 'hex'));
  return new KmpDecoder(direction).push(bytes).flatMap((found) => (found.kind === 'frame' ? [found.frame] : []));
}

/** All digits that were sent, also trailing zeros after the point. */
function print({ integer, exponent }: Decimal): string {
  assert.ok(exponent <= 0);
  const digits = String(integer).padStart(1 - exponent, '0');
  return exponent === 0 ? digits : `${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
}

function unitText(code: number): string | null {
  return code === 0x00 || code === 0x33 ? null : unitName(code).replace('³', '3');
}

test('every capture gives the values that another decoder found in it, and a rejected one gives none', { skip }, () => {
  const files = corpusFiles('kmp');
  assert.notEqual(files.length, 0);
  for (const { name, expected: json } of files) {
    const { frames, values, verdict } = json as Expected;
    const answers = framesIn(
      'answer',
      frames.filter(({ kind }) => kind !== 'request').map(({ raw }) => raw),
    );
    if (verdict === 'reject') assert.deepEqual(answers, [], name);
    const registers = answers
      .filter(({ command }) => command === 0x10)
      .flatMap(({ data }) => parseRegisters(data) ?? assert.fail(name));
    assert.deepEqual(
      registers.map(({ id, unitCode, value }) => ({ register: id, value: print(value), unit: unitText(unitCode) })),
      values.map(({ register, value, unit }) => ({ register, value, unit })),
      name,
    );
  }
});

test('every captured serial number', { skip }, () => {
  for (const { name, expected } of corpusFiles('kmp')) {
    for (const { raw, serial_number } of (expected as Expected).frames.filter(
      ({ serial_number }) => serial_number !== undefined,
    )) {
      const [answer] = framesIn('answer', [raw]);
      assert.equal(String(answer && GET_SERIAL_NUMBER.parse(answer.data)), serial_number, name);
    }
  }
});

test('every captured request is the one that we send for its registers', { skip }, () => {
  for (const { name, expected } of corpusFiles('kmp')) {
    for (const { raw, registers_requested, cid } of (expected as Expected).frames.filter(({ kind }) => kind === 'request')) {
      const ids = registers_requested?.map(({ id }) => id);
      const command = ids ? getRegisters(ids) : GET_SERIAL_NUMBER;
      assert.equal(Buffer.from(encodeRequest(command)).toString('hex').toUpperCase(), raw, name);
      const [request] = framesIn('request', [raw]);
      assert.equal(request?.command.toString(16).padStart(2, '0'), cid, name);
      assert.deepEqual(request && parseRequestedRegisters(request.data), ids, name);
    }
  }
});
