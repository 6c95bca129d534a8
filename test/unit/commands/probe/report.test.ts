import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COLOURED, PLAIN } from '../../../../src/commands/paint.js';
import type { Finding } from '../../../../src/commands/probe/finding.js';
import { alignmentLine, describeFinding } from '../../../../src/commands/probe/report.js';

const place = { name: '/dev/ttyUSB0', link: { type: 'serial', path: '/dev/serial/by-id/usb-P1' } } as const;

const DSMR: Finding = {
  kind: 'p1',
  place,
  line: '115200 8N1',
  encrypted: false,
  manufacturer: 'Iskraemeco',
  model: 'ISK5\\2M550T-0000',
  serial: '1234567890123456',
  telegrams: 5,
  damaged: 1,
  everySeconds: 1,
  objects: [
    { obis: '1-0:1.7.0', property: 'power/current-usage', contents: ['00.193*kW'], seen: 5, changed: 3 },
    { obis: '0-1:24.2.1', property: 'sub-meter 1: reading', contents: ['260115120000W', '01234.567*m3'], seen: 5, changed: 0 },
    { obis: '1-0:99.97.0', contents: ['2', '0-0:96.7.19', '200508142432W', '0000011432*s'], seen: 2, changed: 0 },
  ],
};

test('a P1 meter is told with what it sends, and how often', () => {
  assert.equal(
    describeFinding(DSMR, PLAIN),
    `● /dev/ttyUSB0
  protocol      P1 at 115200 8N1, not encrypted
  meter         Iskraemeco, /ISK5\\2M550T-0000
  serial number 1234567890123456
  telegrams     5, one every 1 s; 1 damaged or incomplete

  object       last content                          seen                is
  1-0:1.7.0    (00.193*kW)                           always, changed 3×  power/current-usage
  0-1:24.2.1   (260115120000W)(01234.567*m3)         always              sub-meter 1: reading
  1-0:99.97.0  (2)(0-0:96.7.19)(200508142432W)(000…  2 of 5              ?
`,
  );
});

test('of one that encrypts only what is not hidden is told', () => {
  const encrypted: Finding = {
    kind: 'p1',
    place,
    line: '115200 8N1',
    encrypted: true,
    manufacturer: 'Sagemcom',
    serial: '5341473500123456',
    telegrams: 1,
    damaged: 0,
    objects: [],
  };
  assert.equal(
    describeFinding(encrypted, PLAIN),
    `● /dev/ttyUSB0
  protocol      P1 at 115200 8N1, encrypted
  meter         Sagemcom
  serial number 5341473500123456
  telegrams     1; none damaged
  objects       hidden by the encryption
`,
  );
});

test('a heat meter is told with its registers', () => {
  const heat: Finding = {
    kind: 'kamstrup',
    place,
    line: '1200 8N2',
    manufacturer: 'Kamstrup',
    model: 'Multical, type 0403 (software F1)',
    serial: '76543210',
    registers: [{ id: 60, property: 'energy/imported-total', value: '55006 kWh' }],
  };
  assert.equal(
    describeFinding(heat, PLAIN),
    `● /dev/ttyUSB0
  protocol      KMP at 1200 8N2, by an infrared head; not encrypted
  meter         Kamstrup, Multical, type 0403 (software F1)
  serial number 76543210

  register  value      is
  60        55006 kWh  energy/imported-total
`,
  );
});

test('a head without a meter, silence, noise and a port that is refused are told apart', () => {
  const nothing = { kind: 'nothing', place, reached: true, bytes: 0, detail: 'is the cable in?' } as const;
  const said = (finding: Finding): string | undefined => describeFinding(finding, PLAIN).split('\n')[1];
  assert.equal(
    said({ kind: 'head', place, line: '1200 8N2', hears: 'echo' }),
    '  an IR head    at 1200 8N2, that hears only its own echo: there is no meter under it, or it sits askew',
  );
  assert.equal(said(nothing), '  silent; is the cable in?');
  assert.equal(
    said({ ...nothing, bytes: 612, detail: 'the signal is inverted' }),
    '  612 bytes that make no sense; the signal is inverted',
  );
  assert.equal(
    said({ ...nothing, reached: false, detail: 'cannot open /dev/ttyUSB0: permission denied' }),
    '  cannot open /dev/ttyUSB0: permission denied',
  );
});

test('how a head sits is one line, whose bar moves with the last ten tries', () => {
  assert.equal(
    alignmentLine(['silent'], PLAIN),
    'silent   ░░░░░░░░░░ 0 of 1 good   nothing at all: is it an infrared head, is it plugged in?',
  );
  assert.equal(
    alignmentLine(['echo', 'damaged', 'good', 'damaged'], PLAIN),
    'damaged  ███░░░░░░░ 1 of 4 good   nearly: move it by a millimetre, shade it from the sun',
  );
  const tries = [...Array<'echo'>(9).fill('echo'), ...Array<'good'>(8).fill('good')];
  assert.equal(alignmentLine(tries, PLAIN), 'good     ████████░░ 8 of 10 good   leave it like this');
});

test('colours are around words, not in them', () => {
  assert.equal(
    alignmentLine(['good'], COLOURED),
    '\x1b[32mgood    \x1b[0m ██████████ 1 of 1 good   \x1b[2mleave it like this\x1b[0m',
  );
  assert.ok(describeFinding(DSMR, COLOURED).startsWith('\x1b[32m● /dev/ttyUSB0\x1b[0m\n'));
});
