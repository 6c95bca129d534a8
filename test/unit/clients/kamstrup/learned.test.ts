import assert from 'node:assert/strict';
import { test } from 'node:test';
import { learn, nothingLearned, recall, registersToAsk } from '../../../../src/clients/kamstrup/learned.js';
import { settle } from '../../../support/fake-clock.js';
import { Home } from './home.js';

const NOW = Date.UTC(2026, 0, 15);
const WEEK = 7 * 24 * 3_600_000;
const WANTED = [60, 80, 89];

test('a meter of which nothing is known is asked for everything', () => {
  assert.deepEqual(registersToAsk(nothingLearned('1'), WANTED, NOW), WANTED);
});

test('what was not answered is left out for a week', () => {
  const learned = learn(nothingLearned('1'), WANTED, { asked: WANTED, answered: [60, 80] }, NOW);
  assert.deepEqual(registersToAsk(learned, WANTED, NOW + WEEK - 1), [60, 80]);
  assert.deepEqual(registersToAsk(learned, WANTED, NOW + WEEK), WANTED);
});

test('what was answered once is asked for even after an answer without it', () => {
  const learned = learn(nothingLearned('1'), WANTED, { asked: WANTED, answered: [60, 80] }, NOW);
  const shorter = learn(learned, WANTED, { asked: [60, 80], answered: [60] }, NOW + 1);
  assert.equal(shorter, learned);
});

test('a register that appears after a week is kept', () => {
  const learned = learn(nothingLearned('1'), WANTED, { asked: WANTED, answered: [60] }, NOW);
  const later = learn(learned, WANTED, { asked: WANTED, answered: [60, 89] }, NOW + WEEK);
  assert.deepEqual(later, { serial: '1', answered: [60, 89], askedAllAt: NOW + WEEK });
});

test('a meter that answered nothing is asked for everything again', () => {
  const learned = learn(nothingLearned('1'), WANTED, { asked: WANTED, answered: [] }, NOW);
  assert.deepEqual(registersToAsk(learned, WANTED, NOW + 1), WANTED);
});

test('a clock that was set back has everything asked again', () => {
  const learned = learn(nothingLearned('1'), WANTED, { asked: WANTED, answered: [60] }, NOW);
  assert.deepEqual(registersToAsk(learned, WANTED, NOW - 1), WANTED);
});

test('what is remembered of this meter is taken, of another or in another shape not', () => {
  const remembered = { serial: '1', answered: [60], askedAllAt: NOW };
  assert.deepEqual(recall(remembered, '1'), remembered);
  for (const unfit of [
    undefined,
    null,
    [],
    'x',
    { ...remembered, serial: '2' },
    { serial: '1' },
    { ...remembered, answered: {} },
  ]) {
    assert.deepEqual(recall(unfit, '1'), { serial: '1', answered: [], askedAllAt: 0 });
  }
});

test('a register that the meter does not know is absent, said once, and left out of the next requests', async () => {
  const home = new Home();
  home.meter.registers.delete(89);
  const reading = home.read();
  await settle();
  await home.clock.advance(2 * 3_600_000 + 1_000);
  assert.deepEqual(home.newlyAsked().slice(2), ['60 68 74 80 86 87 89 1004', '60 68 74 80 86 87 1004', '60 68 74 80 86 87 1004']);
  assert.equal('temperatures/temp-diff' in (home.values ?? {}), false);
  assert.deepEqual(home.log.of('info'), [
    'the meter has no register 89 (temperatures/temp-diff); it is asked for again once a week',
  ]);
  assert.deepEqual(home.state.get('kamstrup registers heat-smart-meter'), {
    serial: '76543210',
    answered: [60, 68, 74, 80, 86, 87, 1004],
    askedAllAt: Date.UTC(2026, 0, 15, 12) + 40,
  });
  home.stop();
  await reading;
});

test('what a meter knows is remembered over a restart, and not believed of another meter', async () => {
  const home = new Home();
  const learned = { serial: '76543210', answered: [60, 80], askedAllAt: Date.UTC(2026, 0, 15) };
  home.state.set('kamstrup registers heat-smart-meter', learned);
  const reading = home.read();
  await home.clock.advance(1_000);
  assert.deepEqual(home.newlyAsked(), ['serial', 'type', '60 80']);
  home.meter.serialNumber = 87_654_321;
  home.meter.faults.silent = 3;
  await home.clock.advance(3_600_000 + 120_000);
  assert.deepEqual(home.newlyAsked().slice(3), ['serial', 'type', '60 68 74 80 86 87 89 1004']);
  home.stop();
  await reading;
});

test('a meter that is silent when asked for unknown registers only is asked for all of them next time, and the fault says so', async () => {
  const home = new Home();
  const learned = { serial: '76543210', answered: [89], askedAllAt: Date.UTC(2026, 0, 15) };
  home.state.set('kamstrup registers heat-smart-meter', learned);
  home.meter.registers.delete(89);
  const reading = home.read();
  await home.clock.advance(30_000);
  assert.deepEqual(home.newlyAsked(), ['serial', 'type', '89', '89', '89']);
  assert.match(
    home.items[0]?.kind === 'fault' ? home.items[0].detail : '',
    /tells its serial number, but none of the registers 89;/,
  );
  await home.clock.advance(60_000);
  assert.deepEqual(home.newlyAsked(), ['serial', 'type', '60 68 74 80 86 87 89 1004']);
  assert.equal(home.values?.['energy/imported-total'], 55_006);
  home.stop();
  await reading;
});
