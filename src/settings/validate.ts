import convict from 'convict';
import type { Problem } from '../model/errors.js';
import type { Setting } from '../model/settings.js';
import { expectation, isWords, parseValue, valueWritten } from './formats.js';
import { didYouMean, nearestWord } from './nearest.js';
import type { Leaf } from './outline.js';
import { showKey, showValue } from './show.js';
import { plant, type Tree } from './tree.js';
import { keyOf, type Source } from './written.js';

/** What came of validation: the parsed values by dotted key (absent optional ones undefined), and what is wrong. */
export interface Validated {
  readonly values: ReadonlyMap<string, unknown>;
  readonly problems: readonly Problem[];
}

/** One key of the convict schema. `accept` keeps the value that it parses, and throws what is wrong with it. */
interface DeclaredKey extends convict.SchemaObj<unknown> {
  readonly accept: (value: unknown) => void;
}

/** A named format, since convict coerces the text of a key without one by the type of the key's default (`12x` becomes 12). */
const FORMAT = 'declared';

convict.addFormat({
  name: FORMAT,
  validate: (value: unknown, key: convict.SchemaObj & Partial<DeclaredKey>) => key.accept?.(value),
});

/**
 * Validates what was written for the keys by one convict schema, which also holds their defaults.
 * @param missing the problem of a required key without a value, or undefined where that is excused
 */
export function validate(leaves: Iterable<Leaf>, missing: (leaf: Leaf) => Problem | undefined): Validated {
  const values = new Map<string, unknown>();
  const problems: Problem[] = [];
  const schema: Tree = {};
  const written: Tree = {};
  for (const leaf of leaves) {
    plant(schema, leaf.path, { ...declare(leaf.setting), accept: acceptor(leaf) } satisfies DeclaredKey);
    if (leaf.written && typeof leaf.written.value !== 'object')
      plant(written, leaf.path, valueWritten(leaf.setting, leaf.written));
  }
  try {
    convict<Tree>(schema as convict.Schema<Tree>, { env: {}, args: [] })
      .load(written)
      .validate({ allowed: 'strict' });
  } catch (error) {
    // convict's own error is one text without sources: the problems say the same with them.
    if (problems.length === 0) throw error;
  }
  return { values, problems };

  function acceptor(leaf: Leaf): DeclaredKey['accept'] {
    return (value) => {
      const parsed = value === null ? undefined : parseValue(leaf.setting, value);
      values.set(keyOf(leaf.path), parsed);
      if (parsed !== undefined || (value === null && !leaf.required)) return;
      const problem = value === null ? missing(leaf) : refusal(leaf, value);
      if (!problem) return;
      problems.push(problem);
      throw new Error(problem.message);
    };
  }
}

function declare({ doc, default: usual, sensitive }: Setting): convict.SchemaObj<unknown> {
  return { doc, default: usual ?? null, format: FORMAT, sensitive: sensitive === true };
}

/** @throws RangeError a component declares a default that its own format refuses */
function refusal({ setting, path, written }: Leaf, value: unknown): Problem {
  if (!written) throw new RangeError(`the default of ${keyOf(path)} is not ${expectation(setting)}`);
  return {
    source: written.source.name,
    key: showKey(written.path),
    message: `expected ${expectation(setting)}, found ${showValue(value, { ...setting, source: written.source })}${hint(setting, value, written.source)}`,
  };
}

function hint({ format, sensitive }: Setting, value: unknown, source: Source): string {
  if (!isWords(format) || typeof value !== 'string' || sensitive === true || source.hidden) return '';
  const near = nearestWord(value, format);
  return didYouMean(near && JSON.stringify(near));
}
