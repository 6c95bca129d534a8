import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GET_SERIAL_NUMBER, GET_TYPE, encodeRequest, getRegisters, type Command } from '../../../src/codecs/kmp/command.js';
import { Multical } from '../../../src/simulators/multical.js';
import { settle } from '../../support/fake-clock.js';
import { memoryLinks } from '../../support/memory-link.js';

/** What comes back from a meter for each command in turn, as hexadecimal digits; empty when nothing does. */
async function ask(meter: Multical, ...commands: Command<unknown>[]): Promise<string[]> {
  const { near, far } = memoryLinks();
  const stop = new AbortController();
  const running = meter.run(far, stop.signal);
  const answers: string[] = [];
  for (const command of commands) {
    await near.write(encodeRequest(command), stop.signal);
    await settle();
    await far.write(Uint8Array.of(0xee), stop.signal);
    answers.push(
      Buffer.from(await near.read(stop.signal))
        .toString('hex')
        .slice(0, -2),
    );
  }
  stop.abort();
  await running;
  return answers;
}

test('it tells its serial number, its type and its registers', async () => {
  const meter = new Multical();
  meter.serialNumber = 12_345_678;
  meter.type = { type: 0x0001, revision: 'F1' };
  const energy = '403f10003c030243d6dea7f80d';
  assert.deepEqual(await ask(meter, GET_SERIAL_NUMBER, GET_TYPE, getRegisters([60])), [
    '403f0200bc614eb4830d',
    '403f0100011bf901cd690d',
    energy,
  ]);
  assert.deepEqual(await ask(meter, getRegisters([0xfe, 60])), [energy], 'a register that it does not know is left out');
});

test('asked for unknown registers only, it is silent', async () => {
  assert.deepEqual(await ask(new Multical(), getRegisters([0xfe, 0xff])), ['']);
});

test('it echoes, sends bytes before its answer and leaves requests without one', async () => {
  const meter = new Multical();
  meter.faults.echo = true;
  meter.faults.before = Uint8Array.of(0x00, 0xff);
  meter.faults.silent = 1;
  const echo = '803f1001003cb25f0d';
  assert.deepEqual(await ask(meter, getRegisters([60]), getRegisters([60])), [echo, `${echo}00ff403f10003c030243d6dea7f80d`]);
});

test('it damages and cuts as many answers as it is told to', async () => {
  const meter = new Multical();
  meter.faults.corrupt = 1;
  assert.deepEqual(await ask(meter, getRegisters([60])), ['403e10003c030243d6dea7f80d']);
  meter.faults.truncate = 1;
  assert.deepEqual(await ask(meter, getRegisters([60]), getRegisters([60])), ['403f10003c03', '403f10003c030243d6dea7f80d']);
});
