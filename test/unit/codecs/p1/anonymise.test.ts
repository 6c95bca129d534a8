import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anonymiseP1, DEMO_KEYS } from '../../../../src/codecs/p1/anonymise.js';
import { encryptedDecoder } from '../../../../src/codecs/p1/encrypted.js';
import { checkTelegram, plainDecoder } from '../../../../src/codecs/p1/frame.js';
import { maskTelegram } from '../../../../src/codecs/p1/mask.js';
import { closeTelegram } from '../../../../src/codecs/p1/encode.js';
import { parseTelegram } from '../../../../src/codecs/p1/telegram.js';
import { Pseudonyms } from '../../../../src/codecs/pseudonyms.js';
import { corpusFiles, skipWithoutCorpus } from '../../../support/corpus.js';
import { briefly, decode, flip, frameOf, KEYS, OTHER_KEYS, telegramOf, TITLE } from '../../../support/p1.js';

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const together = (edits: readonly { readonly bytes: Uint8Array }[]): Uint8Array => Buffer.concat(edits.map(({ bytes }) => bytes));

/** Made up, after a telegram with everything that names somebody. */
const NAMED = closeTelegram(
  [
    '/KMP5 ZABF001587315111',
    '',
    '1-3:0.2.8(50)',
    '0-0:1.0.0(260115120000W)',
    '0-0:96.1.0(205A414246303031353837333135313131)',
    '0-0:96.1.1(3153414733313030303239353530)',
    '0-0:96.1.2(353431343438393230303130303438373633)',
    '0-0:96.1.4(50217)',
    '0-0:42.0.0(4B464D31323334353637)',
    '1-0:1.8.1(000992.992*kWh)',
    '1-0:1.7.0(00.403*kW)',
    '0-0:96.14.0(0001)',
    '1-0:99.97.0(2)(0-0:96.7.19)(230326095015S)(0029642045*s)',
    '0-0:96.13.0(4D65737361676520746F204A6F686E)',
    '0-0:96.13.1()',
    '0-1:96.1.0(37464C4F32313231323730393533)',
    '0-1:24.2.3(230412120000S)(00112.384*m3)',
    '0-2:99.9.9(A1B2C3D4E5)',
    '!',
  ].join('\r\n'),
);

test('what names somebody is replaced by something of the same form, texts are blanked, all else stays', () => {
  const masked = maskTelegram(NAMED, new Pseudonyms());
  const lines = latin1(masked).split('\r\n');
  const unchanged = latin1(NAMED)
    .split('\r\n')
    .filter((line, at) => line === lines[at]);
  assert.deepEqual(unchanged, [
    '',
    '1-3:0.2.8(50)',
    '0-0:1.0.0(260115120000W)',
    '0-0:96.1.4(50217)',
    '1-0:1.8.1(000992.992*kWh)',
    '1-0:1.7.0(00.403*kW)',
    '0-0:96.14.0(0001)',
    '1-0:99.97.0(2)(0-0:96.7.19)(230326095015S)(0029642045*s)',
    '0-0:96.13.1()',
    '0-1:24.2.3(230412120000S)(00112.384*m3)',
    '',
  ]);
  assert.match(lines[0] ?? '', /^\/KMP5 [A-Z]{4}\d{12}$/);
  assert.ok(lines.includes(`0-0:96.13.0(${'20'.repeat(15)})`));
  const contentOf = (obis: string): string => parseTelegram(masked).objects.find((each) => each.obis === obis)?.contents[0] ?? '';
  assert.match(Buffer.from(contentOf('0-0:96.1.1'), 'hex').toString('latin1'), /^\d[A-Z]{3}\d{10}$/);
  assert.match(Buffer.from(contentOf('0-1:96.1.0'), 'hex').toString('latin1'), /^\d[A-Z]{3}\d{10}$/);
  assert.match(contentOf('0-2:99.9.9'), /^[A-F]\d[A-F]\d[A-F]\d[A-F]\d[A-F]\d$/);
  assert.equal(checkTelegram(masked).checksum, 'right');
  assert.equal(masked.length, NAMED.length);
});

test('the same name becomes the same everywhere', () => {
  const pseudonyms = new Pseudonyms();
  const first = maskTelegram(NAMED, pseudonyms);
  assert.deepEqual(maskTelegram(NAMED, pseudonyms), first);
  assert.equal(
    pseudonyms.of('1SAG3100029550'),
    Buffer.from(pseudonyms.of('3153414733313030303239353530'), 'hex').toString('latin1'),
  );
});

test('an encrypted frame opens with the published keys, says the same, and has another system title', () => {
  const frames = Buffer.concat([frameOf(7), frameOf(8, 622)]);
  const { edits, frames: count } = anonymiseP1(frames, KEYS, new Pseudonyms());
  const made = together(edits);
  assert.deepEqual([count, made.length], [2, frames.length]);
  assert.equal(latin1(made).includes(latin1(TITLE)), false);
  const found = decode(encryptedDecoder(DEMO_KEYS), made);
  assert.deepEqual(briefly(found), [7, 8]);
  const texts = found.map((each) => (each.kind === 'frame' ? latin1(each.frame.telegram) : each.what));
  assert.deepEqual(
    texts,
    [621, 622].map((watts) => latin1(telegramOf(watts)).trimEnd()),
  );
  const titles = found.map((each) => (each.kind === 'frame' ? each.frame.ciphering?.systemTitle : undefined));
  assert.match(titles[0] ?? '', /^534147/);
  assert.equal(titles[0], titles[1]);
});

test('damaged frames stay damaged in the same way, and what cannot be opened is blanked', () => {
  const flipped = flip(frameOf(1), 150);
  const plain = flip(telegramOf(1), 60);
  const foreign = frameOf(2, 621, OTHER_KEYS);
  const pseudonyms = new Pseudonyms();
  const anonymise = (bytes: Uint8Array): Uint8Array => together(anonymiseP1(bytes, KEYS, pseudonyms).edits);
  assert.deepEqual(briefly(decode(encryptedDecoder(KEYS), flipped)), ['checksum']);
  assert.deepEqual(briefly(decode(encryptedDecoder(DEMO_KEYS), anonymise(flipped))), ['checksum']);
  assert.deepEqual(briefly(decode(plainDecoder(), anonymise(plain))), ['checksum']);
  const blanked = anonymise(foreign);
  assert.equal(blanked.length, foreign.length);
  assert.ok(blanked.every((byte) => byte === 0xff || byte === 0 || byte === 0x0a || byte === 0x0d));
});

test('telegrams of every make say the same, and keep no name', { skip: skipWithoutCorpus }, () => {
  let compared = 0;
  for (const { name, bytes } of corpusFiles('dsmr')) {
    const before = decode(plainDecoder(), bytes);
    const after = decode(plainDecoder(), together(anonymiseP1(bytes, undefined, new Pseudonyms()).edits));
    const frames = before.filter((each) => each.kind === 'frame');
    const made = after.filter((each) => each.kind === 'frame');
    assert.equal(made.length, frames.length, name);
    frames.forEach(({ frame }, at) => {
      const objects = parseTelegram(frame.telegram).objects;
      const masked = parseTelegram(made[at]?.frame.telegram ?? new Uint8Array()).objects;
      assert.deepEqual(
        masked.map(({ obis }) => obis),
        objects.map(({ obis }) => obis),
        name,
      );
      objects.forEach(({ obis, contents }, index) => {
        const is = masked[index]?.contents;
        const isName = /:(96\.1\.[^4]|96\.13|42\.0\.0)/.test(obis);
        const isValue = contents.some((content) => /\d\*|\d{12}[SW]$/.test(content)) && contents.length <= 2;
        if (isName && contents.some((content) => content.length > 3)) assert.notDeepEqual(is, contents, `${name} ${obis}`);
        if (isValue && !isName) assert.deepEqual(is, contents, `${name} ${obis}`);
        compared++;
      });
    });
  }
  assert.ok(compared > 100);
});
