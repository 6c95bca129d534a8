import type { CsvCell } from '../codecs/csv.js';
import { decimalOf } from '../model/decimal.js';
import type { Property } from '../model/device.js';
import { counterOf, SUB_METER_KINDS, type SubMeterKind } from '../model/models/sub-meter.js';
import { QUANTITIES, type Quantity } from '../model/quantity.js';
import type { Values } from '../model/reading.js';
import { convert, UNITS, type Unit } from '../model/unit.js';

/** What a column of a table is of. */
export interface ColumnOf {
  /** Which cell of a row. */
  readonly index: number;
  /** `node/property`. */
  readonly path: string;
  /** The unit of its numbers; without one, that of the property. */
  readonly unit?: string | undefined;
}

type Value = Values[string];

/** A cell that holds no value of its column, in words. */
export interface BadCell {
  readonly problem: string;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** What is measured in these families only grows, as a rule. */
const TOTALS: ReadonlySet<string> = new Set(['Wh', 'J', 'cal', 'varh', 'VAh', 'm³']);

/** Reads the cells of one column. A property that nobody knows is what its first cell looks like. */
export class Column {
  readonly of: ColumnOf;
  readonly #unit: Unit | undefined;
  #property: Property | undefined;

  /** @param known what the property is, where the meter or its kind is known to have it */
  constructor(of: ColumnOf, known: Property | undefined) {
    this.of = of;
    this.#unit = of.unit !== undefined && isUnit(of.unit) ? of.unit : undefined;
    this.#property = known;
  }

  /** What the column is of; undefined before its first value where nobody knows. */
  get property(): Property | undefined {
    return this.#property;
  }

  /** Why none of its cells can be used; undefined when they can. */
  get problem(): string | undefined {
    const { unit: written } = this.of;
    if (written === undefined) return undefined;
    if (this.#unit === undefined) return `"${written}" is no unit that is known here`;
    const own = this.#property?.unit;
    if (!this.#property || own === this.#unit) return undefined;
    if (own === undefined || UNITS[own].family !== UNITS[this.#unit].family)
      return `it is in ${written}, and the meter's is ${own === undefined ? 'without a unit' : `in ${own}`}`;
    return undefined;
  }

  /** The value of a cell; undefined when it is empty. */
  read(cell: CsvCell): Value | BadCell | undefined {
    const { text, isQuoted } = cell;
    if (text === '' && !isQuoted) return undefined;
    this.#property ??= guess(this.of.path, this.#unit, cell);
    const { datatype, unit } = this.#property;
    switch (datatype) {
      case 'string':
        return text;
      case 'boolean':
        return text === 'true' || text === 'false' ? text === 'true' : { problem: `"${text}" is neither true nor false` };
      case 'integer':
      case 'float':
        return this.#readNumber(text.trim(), unit);
    }
  }

  #readNumber(text: string, own: Unit | undefined): number | BadCell {
    const number = NUMBER.test(text) ? Number(text) : NaN;
    if (!Number.isFinite(number)) return { problem: `"${text}" is no number` };
    if (this.#unit === undefined || own === undefined || own === this.#unit) return number;
    return convert(decimalOf(number), this.#unit, own) ?? { problem: `it is in ${this.#unit}, not in ${own}` };
  }
}

function guess(path: string, unit: Unit | undefined, { text, isQuoted }: CsvCell): Property {
  const [node = '', name = path] = path.split('/');
  const kind = subMeterKindOf(node);
  const counter = kind && counterOf(kind, unit);
  if (counter?.id === name) return counter.property;
  if (unit === undefined && (isQuoted || !NUMBER.test(text.trim()))) {
    const isFlag = !isQuoted && (text === 'true' || text === 'false');
    return { name, datatype: isFlag ? 'boolean' : 'string', quantity: isFlag ? 'code' : 'text', kind: 'state' };
  }
  if (unit === undefined) return { name, datatype: 'float', quantity: 'code', kind: 'instant' };
  const { family } = UNITS[unit];
  const fits = ([, families]: readonly [string, readonly string[]]): boolean => families.includes(family);
  // Every family is of a quantity.
  const [quantity] = Object.entries(QUANTITIES).find(fits) ?? ['code'];
  return { name, datatype: 'float', unit, quantity: quantity as Quantity, kind: TOTALS.has(family) ? 'total' : 'instant' };
}

/** The kind of sub-meter that a node of that id is of: the second gas meter is `gas-2`. */
export function subMeterKindOf(node: string): SubMeterKind | undefined {
  return [...SUB_METER_KINDS.values()].find(({ id }) => id === node.replace(/-\d+$/, ''));
}

function isUnit(text: string): text is Unit {
  return Object.hasOwn(UNITS, text);
}
