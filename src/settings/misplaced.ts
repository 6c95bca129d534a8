import { dirname, join } from 'node:path';
import type { Problem } from '../model/errors.js';
import type { Setting } from '../model/settings.js';
import { expectation } from './formats.js';
import { secretsFileOf } from './layers.js';
import { didYouMean, nearestKey } from './nearest.js';
import type { Outline } from './outline.js';
import { successorOf, type Successor } from './predecessor.js';
import { showKey, showValue } from './show.js';
import { isSection, keyOf, variableOf, type Written } from './written.js';

/** The environment whose settings are judged, and the file that is its own. */
export interface Judged {
  readonly name: string;
  readonly file: string;
}

/** What stands where it does not belong: unknown keys, sections in place of values, secrets in plain files. Plain values are judged by `validate`. */
export function misplaced(written: readonly Written[], outline: Outline, environment: Judged): Problem[] {
  return written.flatMap((each) => judge(each, outline, environment) ?? []);
}

function judge(written: Written, outline: Outline, environment: Judged): Problem | undefined {
  const { path, value, source } = written;
  const depth = path.findIndex((_, index) => !outline.sections.has(keyOf(path.slice(0, index + 1)))) + 1;
  if (depth === 0) {
    const found = showValue(value, { sensitive: true });
    return isSection(value)
      ? undefined
      : { source: source.name, key: showKey(path), message: `expected a section, found ${found}` };
  }
  const here = path.slice(0, depth);
  const leaf = outline.leaves.get(keyOf(here));
  if (leaf) {
    const message = misused(written, leaf.setting, depth < path.length);
    return message === undefined ? undefined : { source: source.name, key: showKey(here), message };
  }
  const successor = successorOf(path, environment.name);
  if (successor) return { source: source.name, key: showKey(path), message: moved(successor, written, environment) };
  if (isOpen(here, outline)) return undefined;
  return { source: source.name, key: showKey(source.text ? path : here), message: unknown(written, depth, outline) };
}

/** What is wrong with a known key's place or shape. */
function misused({ value, source }: Written, setting: Setting, asSection: boolean): string | undefined {
  if (asSection) return `expected ${expectation(setting)}, found a section`;
  if (typeof value === 'object') return `expected ${expectation(setting)}, found ${showValue(value, { source })}`;
  return setting.sensitive === true ? source.refusesSecrets : undefined;
}

function moved(successor: Successor, { source }: Written, { file }: Judged): string {
  const { now, written } = successor;
  if (now.length === 0) return 'a section of the predecessor: its keys stand outside of it now';
  if (source.text) return `a key of the predecessor: now ${variableOf(now)}`;
  const form = written === undefined ? '' : ` = ${written}`;
  return `a key of the predecessor: now ${showKey(now)}${form}, in ${fileFor(successor, file)}`;
}

/** Where a key usually stands: a secret apart, the broker and the log in what all environments share. */
function fileFor({ now, secret }: Successor, environmentFile: string): string {
  if (secret) return secretsFileOf(environmentFile);
  return now[0] === 'mqtt' || now[0] === 'log' ? join(dirname(environmentFile), 'default.toml') : environmentFile;
}

function isOpen(path: readonly string[], { open }: Outline): boolean {
  return path.some((_, index) => open.has(keyOf(path.slice(0, index))));
}

/** Names the known key or section that was probably meant, else those that are known where the unknown one stands. */
function unknown({ path, value, source }: Written, depth: number, { leaves, sections }: Outline): string {
  if (source.text) {
    const near = leaves.get(nearestKey(keyOf(path), leaves.keys()) ?? '');
    return `unknown key${didYouMean(near && variableOf(near.path))}`;
  }
  const isTable = depth < path.length || isSection(value);
  const what = isTable ? 'unknown section' : 'unknown key';
  const near = nearestKey(keyOf(path.slice(0, depth)), isTable ? sections : leaves.keys());
  if (near !== undefined) return what + didYouMean(near);
  const parent = keyOf(path.slice(0, depth - 1));
  const siblings = [...leaves.keys(), ...sections].filter((key) => key.slice(0, Math.max(key.lastIndexOf('.'), 0)) === parent);
  return `${what}; known here: ${siblings.join(', ')}`;
}
