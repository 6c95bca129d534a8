import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measure } from '../../../src/clients/kamstrup/values.js';
import { KmpDecoder } from '../../../src/codecs/kmp/frame.js';
import { parseRegisters, type Register } from '../../../src/codecs/kmp/register.js';
import { ANSWERS } from './answers.js';

/** The registers of every intact answer in some bytes. */
function registersIn(bytes: Uint8Array): (readonly Register[] | undefined)[] {
  return new KmpDecoder('answer')
    .push(bytes)
    .flatMap((found) => (found.kind === 'frame' ? [parseRegisters(found.frame.data)] : []));
}

for (const { name, wire, registers, values } of ANSWERS) {
  const bytes = Uint8Array.from(Buffer.from(wire, 'hex'));

  test(`${name}: its registers`, () => {
    assert.deepEqual(registersIn(bytes), [registers]);
  });

  test(`${name}: its values`, () => {
    assert.deepEqual(measure(registers).values, values);
  });

  test(`${name}: one flipped bit gives no frame`, () => {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      assert.deepEqual(registersIn(flipped), [], `bit ${bit}`);
    }
  });
}
