import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CLIENTS } from '../src/clients/index.js';
import { SINKS } from '../src/sinks/index.js';
import { identifiersOf, ROOT, sourceFiles, undocumentedExports, type SourceFile } from './support/source.js';

const files = sourceFiles('src');

/** Which floor a path is on. `clients/` and `sinks/` share files that lie directly in them; their registries are the app's. */
function floorOf(path: string): number {
  if (path === 'src/main.ts') return 4;
  if (/^src\/(app|logging)\.ts$|^src\/(commands|service)\/|^src\/(clients|sinks)\/index\.ts$/.test(path)) return 3;
  if (/^src\/(clients|simulators|sinks)\//.test(path)) return 2;
  if (/^src\/(codecs|transports|pipeline|settings)\//.test(path)) return 1;
  if (path.startsWith('src/model/')) return 0;
  throw new Error(`${path} is on no floor`);
}

/** The component that a path belongs to: files of one component may import each other. */
function componentOf(path: string): string {
  const [, top = '', second = ''] = path.split('/');
  const shared = second.endsWith('.ts');
  return (top === 'clients' || top === 'sinks') && !shared ? `${top}/${second}` : top;
}

function mayImport(from: string, to: string): boolean {
  const [above, below] = [floorOf(from), floorOf(to)];
  if (componentOf(from) === componentOf(to)) return true;
  if (above === 3) return below <= 3;
  if (above === 2 && below === 2) return componentOf(to) === componentOf(from).split('/')[0];
  return below < above;
}

test('imports go downwards only, and never across', () => {
  const wrong = files.flatMap((file) =>
    file.imports.filter((to) => !mayImport(file.path, to)).map((to) => `${file.path} → ${to}`),
  );
  assert.deepEqual(wrong, []);
});

test('there is no import cycle', () => {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    assert.ok(!trail.includes(path), [...trail, path].join(' → '));
    if (done.has(path)) return;
    for (const next of byPath.get(path)?.imports ?? []) walk(next, [...trail, path]);
    done.add(path);
  };
  for (const { path } of files) walk(path, []);
});

test('the model imports nothing from outside, codecs nothing but cryptography', () => {
  const modules = (folder: string): string[] =>
    files.filter(({ path }) => path.startsWith(folder)).flatMap((file) => file.modules);
  assert.deepEqual(modules('src/model/'), []);
  assert.deepEqual(
    [...new Set(modules('src/codecs/'))].filter((name) => name !== 'node:crypto' && name !== 'node:buffer'),
    [],
  );
});

test('model and codecs know no clock, timer, random source or process', () => {
  const outside = ['process', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'console'];
  const impure = files
    .filter(({ path }) => /^src\/(model|codecs)\//.test(path))
    .filter(
      (file) =>
        outside.some((name) => identifiersOf(file).has(name)) || /Date\.now\(|new Date\(\)|Math\.random\(/.test(file.text),
    );
  assert.deepEqual(paths(impure), []);
});

test('only main.ts uses the process, and nothing writes to the console', () => {
  assert.deepEqual(paths(files.filter((file) => identifiersOf(file).has('process') && file.path !== 'src/main.ts')), []);
  assert.deepEqual(paths(files.filter((file) => identifiersOf(file).has('console'))), []);
});

test('nothing that was read is run as code, and only what talks to systemd or makes a pseudo-terminal starts another program', () => {
  const evaluates = files.filter(
    (file) =>
      ['eval', 'Function'].some((name) => identifiersOf(file).has(name)) ||
      ['node:vm', 'node:worker_threads'].some((name) => file.modules.includes(name)) ||
      /\bimport\((?!['"])/.test(file.text),
  );
  assert.deepEqual(paths(evaluates), []);
  const starts = files.filter(({ modules }) => modules.includes('node:child_process'));
  assert.deepEqual(paths(starts), ['src/service/systemd-notify.ts', 'src/transports/pseudo-terminal.ts']);
});

test('every export has a docstring', () => {
  const missing = files.flatMap((file) => undocumentedExports(file).map((name) => `${file.path}: ${name}`));
  assert.deepEqual(missing, []);
});

test('no file is longer than 300 lines, tests included', () => {
  const long = [...files, ...sourceFiles('test')].filter(({ text }) => text.split('\n').length > 301);
  assert.deepEqual(paths(long), []);
});

test('every kind of client and sink has its folder, its README and its row in the README', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  for (const [folder, registry] of [
    ['clients', CLIENTS],
    ['sinks', SINKS],
  ] as const) {
    const folders = readdirSync(join(ROOT, 'src', folder), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    assert.deepEqual(folders.map(({ name }) => name).sort(), Object.keys(registry).sort());
    for (const name of Object.keys(registry)) {
      assert.ok(existsSync(join(ROOT, 'src', folder, name, 'README.md')), `src/${folder}/${name}/README.md`);
      assert.match(readme, new RegExp(`\\| \\[\`${name}\`\\]\\(src/${folder}/${name}/README.md\\)`), `a row for ${name}`);
    }
  }
});

test('every kind of client is used by an environment in settings/', () => {
  const settings = readdirSync(join(ROOT, 'settings'))
    .filter((name) => name.endsWith('.toml'))
    .map((name) => readFileSync(join(ROOT, 'settings', name), 'utf8'));
  for (const name of Object.keys(CLIENTS))
    assert.ok(
      settings.some((text) => text.includes(`type = "${name}"`)),
      name,
    );
  for (const name of Object.keys(SINKS))
    assert.ok(
      settings.some((text) => text.includes(`[sinks.${name}]`)),
      name,
    );
});

function paths(wrong: readonly SourceFile[]): string[] {
  return wrong.map(({ path }) => path);
}
