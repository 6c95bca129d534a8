import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { printCatalogue, printSubMeters } from '../../../support/p1-tables.js';
import { ROOT } from '../../../support/source.js';

const readme = readFileSync(join(ROOT, 'src/clients/p1/README.md'), 'utf8');

for (const [what, table] of [
  ['every object of the catalogue', printCatalogue()],
  ['every kind of sub-meter', printSubMeters()],
] as const) {
  test(`the README has ${what}`, () => {
    assert.ok(readme.includes(`\n${table}\n`), `expected in the README:\n${table}`);
  });
}
