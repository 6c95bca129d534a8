import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readText } from '../../../src/clients/p1/content.js';
import type { Decoder } from '../../../src/codecs/decoder.js';
import { encryptedDecoder } from '../../../src/codecs/p1/encrypted.js';
import { plainDecoder, type P1Frame } from '../../../src/codecs/p1/frame.js';
import { withoutParity } from '../../../src/codecs/p1/parity.js';
import { parseTelegram, type ParsedTelegram } from '../../../src/codecs/p1/telegram.js';
import { stampReader } from '../../../src/codecs/p1/time.js';
import { parseValue } from '../../../src/codecs/p1/value.js';
import { printNumber, scale } from '../../../src/model/decimal.js';
import { corpusFiles, skipWithoutCorpus } from '../../support/corpus.js';
import { withEvenParity } from '../../support/dsmr.js';
import {
  zoneOfCountry,
  type ExpectedEncrypted,
  type ExpectedFile,
  type ExpectedObject,
  type ExpectedPart,
  type ExpectedTelegram,
} from '../../support/p1-expected.js';
import { decode } from '../../support/p1.js';

/** As the port of a meter of DSMR 2 or 3 is read. */
const oldDecoder = () => withoutParity(plainDecoder('optional'));

test('captures of telegrams decode as a second decoder read them', { skip: skipWithoutCorpus }, async (t) => {
  for (const { name, bytes, expected } of corpusFiles('dsmr')) {
    await t.test(name, () => {
      const file = expected as ExpectedFile;
      const telegrams = file.telegrams ?? [file];
      const timeZone = zoneOfCountry(file.country);
      const accepted = telegrams.filter(({ verdict }) => verdict === 'accept');
      const frames = framesIn(oldDecoder(), bytes);
      assert.deepEqual(differences(frames, accepted, timeZone), []);
      // Where a CRC16 must be there, those without one are refused, and all others are read alike.
      const strict = framesIn(plainDecoder(), bytes);
      assert.deepEqual(
        differences(
          strict,
          accepted.filter(({ crc }) => crc.status !== 'absent'),
          timeZone,
        ),
        [],
      );
      // What is refused can be read all the same: only its check sum speaks against it.
      if (file.verdict === 'reject')
        assert.deepEqual(differencesOf(parseTelegram(bytes.subarray(bytes.indexOf(0x2f))), file, timeZone), []);
    });
  }
});

test('captures decode alike however they are cut', { skip: skipWithoutCorpus }, async (t) => {
  for (const { name, bytes } of corpusFiles('dsmr')) {
    await t.test(name, () => {
      for (const decoder of [plainDecoder, oldDecoder]) {
        const whole = decode(decoder(), bytes);
        for (const length of [1, 7, 64]) assert.deepEqual(decode(decoder(), ...cut(bytes, length)), whole);
      }
    });
  }
});

test('captures of DSMR 2 and 3 decode alike with parity bits', { skip: skipWithoutCorpus }, async (t) => {
  for (const { name, bytes, expected } of corpusFiles('dsmr')) {
    const { crc } = expected as Partial<ExpectedFile>;
    if (crc?.status !== 'absent') continue;
    await t.test(name, () => {
      assert.deepEqual(framesIn(oldDecoder(), withEvenParity(bytes)), framesIn(oldDecoder(), bytes));
    });
  }
});

test('captures of encrypted frames decode as a second decoder read them', { skip: skipWithoutCorpus }, async (t) => {
  for (const { name, bytes, expected } of corpusFiles('dsmr-encrypted')) {
    await t.test(name, () => {
      const { verdict, country, key, frame, telegram } = expected as ExpectedEncrypted;
      if (!key) {
        assert.deepEqual(framesIn(plainDecoder(), bytes), []);
        return;
      }
      const encryptionKey = Buffer.from(key.encryption_key, 'hex');
      const authenticationKey = key.authentication_key === null ? undefined : Buffer.from(key.authentication_key, 'hex');
      const [finding, ...others] = decode(encryptedDecoder({ encryptionKey, authenticationKey }), bytes);
      assert.deepEqual(others, []);
      assert.equal(finding?.kind, verdict === 'accept' ? 'frame' : 'error');
      if (finding?.kind !== 'frame') return;
      assert.deepEqual(finding.frame.ciphering, { systemTitle: frame.system_title_hex, frameCounter: frame.frame_counter });
      assert.deepEqual(differences([finding.frame], [telegram], zoneOfCountry(country)), []);
    });
  }
});

function framesIn(decoder: Decoder<P1Frame>, bytes: Uint8Array): P1Frame[] {
  return decode(decoder, bytes).flatMap((finding) => (finding.kind === 'frame' ? [finding.frame] : []));
}

function cut(bytes: Uint8Array, length: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / length) }, (_, n) => bytes.subarray(n * length, (n + 1) * length));
}

/** Whatever differs, each in words. */
function differences(frames: readonly P1Frame[], expected: readonly ExpectedTelegram[], timeZone: string): string[] {
  if (frames.length !== expected.length) return [`${frames.length} telegrams instead of ${expected.length}`];
  return expected.flatMap((telegram, index) => {
    const bytes = frames[index]?.telegram ?? new Uint8Array();
    const text = Buffer.from(bytes).toString('latin1');
    const sent = text.slice(text.lastIndexOf('!') + 1);
    return [...differ('CRC', sent, telegram.crc.sent ?? ''), ...differencesOf(parseTelegram(bytes), telegram, timeZone)];
  });
}

function differencesOf(parsed: ParsedTelegram, expected: ExpectedTelegram, timeZone: string): string[] {
  const { identification, objects, skippedLines } = parsed;
  const readStamp = stampReader(timeZone);
  const stamp = (raw: string, iso: string | null | undefined): string[] =>
    // Without a letter it is local time, which is not read here.
    iso === undefined || (iso !== null && !/[SW]$/.test(raw))
      ? []
      : differ(`stamp ${raw}`, readStamp(raw)?.instant, iso === null ? undefined : Date.parse(iso));
  return [
    ...differ('header', `/${identification}`, expected.header.raw),
    ...differ('lines that are no objects', skippedLines, expected.unparsedLines),
    ...differ('objects', objects, expected.objects.map(objectOf)),
    ...(expected.timestamp ? stamp(expected.timestamp.raw, expected.timestamp.iso) : []),
    ...expected.objects.flatMap((object) => [
      ...(object.parts ?? [object]).flatMap((part) => [
        // DSMR 2 and 3 send a gas value apart from its unit, in brackets of their own.
        ...valueOf(object.obis, object.parts?.some(({ raw }) => raw === part.unit) ? { ...part, unit: '' } : part),
        ...stamp(part.raw, part.iso),
      ]),
      ...(object.timestamp ? stamp(object.timestamp.raw, object.timestamp.iso) : []),
      ...(object.text === undefined ? [] : differ(`text of ${object.obis}`, readText(object.raw), object.text.trim())),
    ]),
  ];
}

function objectOf({ obis, raw, parts, timestamp }: ExpectedObject) {
  const contents = parts?.map((part) => part.raw) ?? (timestamp ? [timestamp.raw, raw] : [raw]);
  return { obis: obis.replace(/(?<=:\d+\.\d+\.\d+)[.*]255$/, ''), contents };
}

function valueOf(obis: string, { raw, value, unit }: ExpectedPart): string[] {
  if (value === undefined) return [];
  const sent = parseValue(raw);
  if (!sent) return [`${obis}: ${raw} is no number`];
  return [
    ...differ(`value of ${obis}`, printNumber(scale(sent.integer, sent.exponent)), String(Number(value))),
    ...differ(`unit of ${obis}`, sent.unit, unit ?? ''),
  ];
}

function differ(what: string, found: unknown, expected: unknown): string[] {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  return one === other ? [] : [`${what}: ${one} instead of ${other}`];
}
