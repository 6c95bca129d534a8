import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { settingsOf } from '../../../src/commands/run.js';
import { SINKS } from '../../../src/sinks/index.js';
import { DUMMY_TOML, folderOf } from '../../support/settings.js';
import { ROOT } from '../../support/source.js';

/** `default.toml` with the examples of its sinks switched on: comments that are settings, below the header of their section. */
function withExamples(text: string): string {
  let inSink = false;
  return text
    .split('\n')
    .map((line) => {
      if (line === '') inSink = false;
      if (/^# \[sinks\./.test(line)) inSink = true;
      return inSink && /^# (\[|\w+ = )/.test(line) ? line.slice(2) : line;
    })
    .join('\n');
}

test('the examples of sinks in default.toml are settings as they stand', async (context) => {
  const text = withExamples(readFileSync(join(ROOT, 'settings', 'default.toml'), 'utf8'));
  const cwd = folderOf(context, { 'settings/default.toml': text, 'settings/dummy.toml': DUMMY_TOML });
  const [settings] = await settingsOf(['dummy'], undefined, { cwd, env: {} });
  const types = new Set(settings?.sinks.map(({ type }) => type));
  const shown = Object.keys(SINKS).filter((type) => text.includes(`\n[sinks.${type}]`));
  assert.ok(shown.length >= 2);
  assert.deepEqual(
    shown.filter((type) => !types.has(type)),
    [],
  );
});
