import { LinkError } from '../../model/errors.js';
import type { Values } from '../../model/reading.js';

/** A question to a server, by `POST`. */
export interface Query {
  /** Below the server's address. */
  readonly path: string;
  /** Parameters; those without a value are left out. */
  readonly parameters: Readonly<Record<string, string | undefined>>;
  /** The type of the body, and of the answer that is wanted. */
  readonly type: string;
  readonly accept: string;
  readonly body: string;
}

/** Asks a server. @returns the body of its answer @throws LinkError there is none, or it is an error */
export type Ask = (query: Query) => Promise<string>;

/** From when, itself included, to when, itself excluded: times as ISO 8601, which all generations take in quotes. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

/** A field that is stored of a device. */
export interface Column {
  readonly device: string;
  readonly measurement: string;
  readonly field: string;
}

/** Fields of a measurement that are read together. */
export interface Source {
  readonly device: string;
  readonly measurement: string;
  readonly fields: readonly string[];
}

/** What is stored at an instant, by the names of fields; milliseconds since 1970 UTC. */
export interface Row {
  readonly at: number;
  readonly values: Values;
}

/** The first rows of a span, in order of time. */
export interface Page {
  readonly rows: readonly Row[];
  /** Whether there are no others. */
  readonly isLast: boolean;
}

/** How a generation of InfluxDB is asked for what it holds. */
export interface Language {
  /** How many fields are asked for at once. */
  readonly fieldsAtOnce: number;
  /** The fields that a server holds, perhaps also some without a value in the span. */
  columns(span: Span, ask: Ask): Promise<readonly Column[]>;
  page(source: Source, span: Span, limit: number, ask: Ask): Promise<Page>;
}

/** An answer that is none of an InfluxDB of that version. */
export function unexpected(text: string): LinkError {
  return new LinkError(`expected the answer of an InfluxDB of that version, found ${JSON.stringify(text.slice(0, 80))}`);
}

/** @throws LinkError it is no JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unexpected(text);
  }
}

/** The values of fields, as far as there are some. @param cellOf what stands for a field, by its name and its place among them */
export function valuesOf(fields: readonly string[], cellOf: (field: string, index: number) => unknown): Values {
  return Object.fromEntries(
    fields.flatMap((field, index) => {
      const cell = cellOf(field, index);
      return isValue(cell) ? [[field, cell] as const] : [];
    }),
  );
}

function isValue(cell: unknown): cell is Values[string] {
  return ['number', 'boolean', 'string'].includes(typeof cell);
}
