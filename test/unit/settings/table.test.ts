import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineSettings } from '../../../src/model/settings.js';
import { folderOf, loadOne, problemsOf } from '../../support/settings.js';

const LABELS = defineSettings({
  names: { each: { doc: 'What a label stands for', format: 'text' } },
  decimals: { each: { doc: 'How exact it is', format: 'integer', min: 0, max: 9 } },
});
const kinds = {
  clients: { dummy: () => Promise.resolve({ settings: {} }) },
  sinks: { labels: () => Promise.resolve({ settings: LABELS }) },
};
const DUMMY = 'device.id = "house"\nclient.type = "dummy"\n';

test('the keys of a table are named by the user, and its values are of one format', async (context) => {
  const toml = `${DUMMY}[sinks.labels.names]\nImport = "energy/imported-total"\ncold_water-2 = "x"\n[sinks.labels.decimals]\nImport = 3\n`;
  const { sinks } = await loadOne(folderOf(context, { 'settings/dummy.toml': toml }), 'dummy', { kinds });
  assert.deepEqual(sinks.find(({ name }) => name === 'labels')?.settings, {
    names: { Import: 'energy/imported-total', 'cold_water-2': 'x' },
    decimals: { Import: 3 },
  });
});

test('a value of another format and a key that is no name are problems', async (context) => {
  const toml = `${DUMMY}[sinks.labels.decimals]\nImport = 10\n"a.b" = 1\nconstructor = 1\n`;
  const problems = await problemsOf(folderOf(context, { 'settings/dummy.toml': toml }), ['dummy'], { kinds });
  assert.deepEqual(problems.map((problem) => problem.replace(/^.*dummy\.toml: /, '').split(';')[0]).sort(), [
    'sinks.labels.decimals."a.b": unknown key',
    'sinks.labels.decimals.Import: expected an integer, from 0 to 9, found 10',
    'sinks.labels.decimals.constructor: unknown key',
  ]);
});
