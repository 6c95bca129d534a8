import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathsOf, type Nodes } from '../../../../src/model/device.js';

const FOLDER = join(import.meta.dirname, '..', '..', '..', '..', 'src', 'model', 'models');

/** Whether it is a model: every member of it is a node with properties. */
function isNodes(value: unknown): value is Nodes {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((node) => typeof node === 'object' && node !== null && 'properties' in node);
}

// Homie 4.0.0, "Topic IDs": controllers ignore, or choke on, a device with any other.
test('every id of every model is one that Homie allows', async () => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
  const modules = await Promise.all(files.map(async (name) => (await import(join(FOLDER, name))) as Record<string, unknown>));
  const models = modules.flatMap((module) => Object.values(module).filter(isNodes));
  const ids = models.flatMap(pathsOf).flatMap((path) => path.split('/'));
  assert.ok(ids.length > 0);
  assert.deepEqual(
    ids.filter((id) => !/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(id)),
    [],
  );
});
