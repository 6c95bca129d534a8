import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ROOT } from '../support/source.js';
import { skipWithout } from '../support/tool.js';

const run = promisify(execFile);
const path = join(ROOT, 'etc', '99-smart-meter-reader.rules');
const text = await readFile(path, 'utf8');
/** The rules, also those that a user may uncomment: a comment that is one starts with a key and an operator. */
const rules = text
  .split('\n')
  .map((line) => line.replace(/^#(?=[A-Z]+(\{\w+\})?[=!+])/, ''))
  .filter((line) => line !== '' && !line.startsWith('#'));

test('each rule is a list of matches and assignments', () => {
  const pair = /^[A-Z]+(\{\w+\})?(==|!=|\+=|=)"[^"]*"$/;
  for (const rule of rules) for (const part of rule.split(', ')) assert.match(part, pair);
});

test('each jump has its label', () => {
  const values = (key: string): string[] =>
    [...text.matchAll(new RegExp(`\\b${key}="(\\w+)"`, 'g'))].map(([, value = '']) => value);
  assert.deepEqual(values('LABEL'), [...new Set(values('GOTO'))]);
});

test('the rules in force make the names that the settings use', () => {
  const names = [...text.matchAll(/^[^#\n]*SYMLINK\+="([^"]+)"/gm)].map(([, name]) => name);
  assert.deepEqual(names, ['p1', 'ir-head']);
});

test('udevadm accepts the rules', { skip: skipWithout('udevadm') }, async (context) => {
  const { stdout: help } = await run('udevadm', ['--help']);
  if (!help.includes('verify')) {
    context.skip('this udevadm cannot verify rules (systemd 254 and later can)');
    return;
  }
  const { stderr } = await run('udevadm', ['verify', path]);
  assert.equal(stderr, '');
});
