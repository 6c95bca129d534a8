import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encryptedDecoder } from '../../../src/codecs/p1/encrypted.js';
import { plainDecoder, type P1Frame } from '../../../src/codecs/p1/frame.js';
import { parseTelegram } from '../../../src/codecs/p1/telegram.js';
import { stampReader } from '../../../src/codecs/p1/time.js';
import { parseValue } from '../../../src/codecs/p1/value.js';
import { printNumber, scale } from '../../../src/model/decimal.js';
import { corpusFiles, skipWithoutCorpus } from '../../support/corpus.js';
import { decode } from '../../support/p1.js';

/** What a second decoder read, as far as it is compared here. */
interface ExpectedTelegram {
  readonly verdict: 'accept' | 'reject' | 'stream';
  readonly crc: { readonly status: 'valid' | 'invalid' | 'absent' | 'unterminated' };
  readonly header: { readonly raw: string };
  readonly objects: readonly ExpectedObject[];
  readonly timestamp: { readonly raw: string; readonly iso: string | null } | null;
}

interface ExpectedObject {
  readonly obis: string;
  readonly raw: string;
  readonly parts?: readonly { readonly raw: string }[];
  readonly timestamp?: { readonly raw: string };
  readonly value?: string;
  readonly unit?: string | null;
}

interface ExpectedFile extends ExpectedTelegram {
  readonly country: keyof typeof ZONES;
  /** Of a stream only. */
  readonly telegrams?: readonly ExpectedTelegram[];
}

interface ExpectedEncrypted {
  readonly verdict: 'accept' | 'reject';
  readonly country: keyof typeof ZONES;
  readonly key: { readonly encryption_key: string; readonly authentication_key: string | null };
  readonly frame: { readonly system_title_hex: string; readonly frame_counter: number };
  readonly telegram: ExpectedTelegram;
}

const ZONES = {
  AT: 'Europe/Vienna',
  BE: 'Europe/Brussels',
  CH: 'Europe/Zurich',
  FI: 'Europe/Helsinki',
  HU: 'Europe/Budapest',
  IE: 'Europe/Dublin',
  LT: 'Europe/Vilnius',
  LU: 'Europe/Luxembourg',
  NL: 'Europe/Amsterdam',
  SE: 'Europe/Stockholm',
} as const;

test('captures of telegrams decode as a second decoder read them', { skip: skipWithoutCorpus }, async (t) => {
  for (const { name, bytes, expected } of corpusFiles('dsmr')) {
    await t.test(name, () => {
      const file = expected as ExpectedFile;
      // Telegrams without a CRC are those of DSMR 2 and 3, which this decoder refuses.
      const accepted = (file.telegrams ?? [file]).filter(({ verdict, crc }) => verdict === 'accept' && crc.status !== 'absent');
      const findings = decode(plainDecoder(), bytes);
      const frames = findings.flatMap((finding) => (finding.kind === 'frame' ? [finding.frame] : []));
      assert.equal(frames.length, accepted.length);
      if (accepted.length === 0) assert.equal(findings.length, 1);
      for (const [index, frame] of frames.entries()) compare(frame, accepted[index], ZONES[file.country]);
    });
  }
});

test('captures of encrypted frames decode as a second decoder read them', { skip: skipWithoutCorpus }, async (t) => {
  for (const { name, bytes, expected } of corpusFiles('dsmr-encrypted')) {
    await t.test(name, () => {
      const { verdict, country, key, frame, telegram } = expected as ExpectedEncrypted;
      const encryptionKey = Buffer.from(key.encryption_key, 'hex');
      const authenticationKey = key.authentication_key === null ? undefined : Buffer.from(key.authentication_key, 'hex');
      const [finding, ...others] = decode(encryptedDecoder({ encryptionKey, authenticationKey }), bytes);
      assert.deepEqual(others, []);
      assert.equal(finding?.kind, verdict === 'accept' ? 'frame' : 'error');
      if (finding?.kind !== 'frame') return;
      assert.deepEqual(finding.frame.ciphering, { systemTitle: frame.system_title_hex, frameCounter: frame.frame_counter });
      compare(finding.frame, telegram, ZONES[country]);
    });
  }
});

function compare(frame: P1Frame, expected: ExpectedTelegram | undefined, timeZone: string): void {
  assert(expected);
  const { identification, objects } = parseTelegram(frame.telegram);
  assert.equal(`/${identification}`, expected.header.raw);
  assert.deepEqual(objects, expected.objects.map(objectOf));
  for (const { value, unit, raw } of expected.objects) if (value !== undefined) compareValue(raw, value, unit);
  if (expected.timestamp === null) return;
  const { raw, iso } = expected.timestamp;
  assert.equal(stampReader(timeZone)(raw)?.instant, iso === null ? undefined : Date.parse(iso));
}

function objectOf({ obis, raw, parts, timestamp }: ExpectedObject) {
  const contents = parts?.map((part) => part.raw) ?? (timestamp ? [timestamp.raw, raw] : [raw]);
  return { obis: obis.replace(/(?<=:\d+\.\d+\.\d+)[.*]255$/, ''), contents };
}

function compareValue(raw: string, value: string, unit: string | null | undefined): void {
  const sent = parseValue(raw);
  // DSMR 2 and 3 send a gas value apart from its unit, in brackets of their own.
  if (raw.includes('(')) return;
  assert(sent, raw);
  assert.equal(printNumber(scale(sent.integer, sent.exponent)), String(Number(value)));
  assert.equal(sent.unit, unit ?? '');
}
