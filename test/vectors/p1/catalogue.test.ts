import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { p1Client } from '../../../src/clients/p1/client.js';
import { Interpreter } from '../../../src/clients/p1/interpreter.js';
import type { P1Settings } from '../../../src/clients/p1/settings.js';
import type { Fault, Reading } from '../../../src/model/reading.js';
import { clientContext } from '../../support/client-context.js';
import { corpusFiles, skipWithoutCorpus } from '../../support/corpus.js';
import { settle } from '../../support/fake-clock.js';
import { memoryLinks } from '../../support/memory-link.js';
import { P1_SETTINGS } from '../../support/p1.js';
import { differencesOf } from '../../support/p1-differences.js';
import { printTested } from '../../support/p1-tables.js';
import { ROOT } from '../../support/source.js';
import { zoneOfCountry, type ExpectedEncrypted, type ExpectedFile } from '../../support/p1-expected.js';

/** What of which capture is not handed out as a second decoder read it, and why that is right. */
const EXPLAINED: Readonly<Record<string, readonly string[]>> = {
  // The limit has no unit, and could be kVA (Luxembourg), kW or A: it is kept as it was sent.
  'openhab-smarty.txt': ['0-0:17.0.0: undefined instead of 77376', 'raw/0-0-17-0-0: not in the telegram'],
  'lu-smarty-openhab.hex': ['0-0:17.0.0: undefined instead of 77376', 'raw/0-0-17-0-0: not in the telegram'],
};

const SETTINGS: P1Settings = { ...P1_SETTINGS, encryption_key: undefined, authentication_key: undefined, raw: true };

const never = new AbortController().signal;

/** Everything that the client yields for some bytes and the silence after them. */
async function itemsOf(bytes: Uint8Array, settings: P1Settings): Promise<(Reading | Fault)[]> {
  const context = clientContext();
  const cable = memoryLinks();
  const stop = new AbortController();
  const items: (Reading | Fault)[] = [];
  const running = (async () => {
    const client = p1Client(settings, context, () => Promise.resolve(cable.near));
    for await (const item of client.readings(stop.signal)) items.push(item);
  })();
  await settle();
  await cable.far.write(bytes, never);
  await context.clock.advance(1_000);
  stop.abort();
  await running;
  return items;
}

/** The readings of each telegram: its own, and after it those that were measured at another time. */
function byTelegram(items: readonly (Reading | Fault)[]): Reading[][] {
  const groups: Reading[][] = [];
  for (const item of items) {
    if (item.kind === 'fault') continue;
    if (item.timing === 'own') groups.at(-1)?.push(item);
    else groups.push([item]);
  }
  return groups;
}

test('captures of telegrams through the client', { skip: skipWithoutCorpus }, async (t) => {
  for (const { name, bytes, expected } of corpusFiles('dsmr')) {
    const file = expected as ExpectedFile;
    const settings = { ...SETTINGS, time_zone: zoneOfCountry(file.country) };
    const { link } = settings;
    const isOld = file.crc?.status === 'absent' && file.verdict === 'accept';
    const accepted = (file.telegrams ?? [file]).filter(({ verdict }) => verdict === 'accept');
    await t.test(`${name}: ${file.verdict}`, async () => {
      const groups = byTelegram(await itemsOf(bytes, isOld ? { ...settings, link: { ...link, preset: 'dsmr3' } } : settings));
      assert.equal(groups.length, accepted.length);
      const differences = accepted.flatMap((telegram, index) => differencesOf(telegram, groups[index] ?? [], settings.time_zone));
      assert.deepEqual(differences, EXPLAINED[name] ?? []);
    });
    if (file.verdict !== 'reject') continue;
    await t.test(`${name}: read without its check sum`, () => {
      const finding = { kind: 'frame', frame: { telegram: bytes } } as const;
      const items = new Interpreter(clientContext(), settings).interpret(finding, 0);
      assert.deepEqual(differencesOf(file, byTelegram(items)[0] ?? [], settings.time_zone), EXPLAINED[name] ?? []);
    });
  }
});

test('captures of encrypted telegrams through the client', { skip: skipWithoutCorpus }, async (t) => {
  for (const { name, bytes, expected } of corpusFiles('dsmr-encrypted')) {
    const { verdict, country, key, telegram } = expected as ExpectedEncrypted;
    await t.test(`${name}: ${verdict}`, async () => {
      const keyOf = (hex: string | null | undefined) => (typeof hex === 'string' ? Buffer.from(hex, 'hex') : undefined);
      const settings = {
        ...SETTINGS,
        time_zone: zoneOfCountry(country),
        encryption_key: keyOf(key?.encryption_key),
        authentication_key: keyOf(key?.authentication_key),
      };
      const groups = byTelegram(await itemsOf(bytes, settings));
      assert.equal(groups.length, verdict === 'accept' ? 1 : 0);
      if (verdict === 'accept')
        assert.deepEqual(differencesOf(telegram, groups[0] ?? [], settings.time_zone), EXPLAINED[name] ?? []);
    });
  }
});

test('the README says which meters were tested', { skip: skipWithoutCorpus }, () => {
  const plain = corpusFiles('dsmr').map(({ expected }) => {
    const file = expected as ExpectedFile;
    return { country: file.country, encrypted: false, telegrams: file.telegrams ?? [file] };
  });
  const encrypted = corpusFiles('dsmr-encrypted').map(({ expected }) => {
    const { country, telegram, verdict } = expected as ExpectedEncrypted;
    return { country, encrypted: true, telegrams: [{ ...telegram, verdict }] };
  });
  const table = printTested([...plain, ...encrypted]);
  assert.ok(readFileSync(join(ROOT, 'README.md'), 'utf8').includes(`\n${table}\n`), `expected in the README:\n${table}`);
});
