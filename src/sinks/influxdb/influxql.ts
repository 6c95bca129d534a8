import { LinkError } from '../../model/errors.js';
import type { Target } from './api.js';
import { parseJson, unexpected, valuesOf, type Ask, type Column, type Language, type Source, type Span } from './language.js';

/** The names of devices stand in this tag. */
const DEVICES = 'SHOW TAG VALUES WITH KEY = "device"';
const FIELDS = 'SHOW FIELD KEYS';

/** What a statement gave for a measurement. */
interface Series {
  readonly name: string;
  readonly columns: readonly string[];
  readonly values: readonly (readonly unknown[])[];
  /** There are more, which the server does not tell. */
  readonly partial?: boolean;
}

/** Version 1: InfluxQL, by InfluxDB 1.x "POST /query". */
export function influxql({ database, retention_policy: policy }: Target): Language {
  const run = async (statement: string, ask: Ask): Promise<readonly Series[]> =>
    seriesOf(
      await ask({
        path: 'query',
        parameters: { db: database, epoch: 'ms' },
        type: 'application/x-www-form-urlencoded',
        accept: 'application/json',
        body: new URLSearchParams({ q: statement }).toString(),
      }),
    );
  return {
    fieldsAtOnce: 100,
    columns: async (_span, ask) => {
      const fields = await run(FIELDS, ask);
      const devices = await run(DEVICES, ask);
      return devices.flatMap(({ name, values }) => values.flatMap(([, device]) => columnsOf(String(device), name, fields)));
    },
    page: async (source, span, limit, ask) => {
      const [series] = await run(selectOf(source, policy, span, limit), ask);
      const rows = (series?.values ?? []).map(([at, ...cells]) => ({
        at: Number(at),
        values: valuesOf(source.fields, (_, index) => cells[index]),
      }));
      return { rows, isLast: rows.length < limit && series?.partial !== true };
    },
  };
}

function columnsOf(device: string, measurement: string, fields: readonly Series[]): Column[] {
  const own = fields.filter(({ name }) => name === measurement);
  return own.flatMap(({ values }) => values.map(([field]) => ({ device, measurement, field: String(field) })));
}

function selectOf({ device, measurement, fields }: Source, policy: string | undefined, span: Span, limit: number): string {
  const from = policy === undefined ? nameOf(measurement) : `${nameOf(policy)}.${nameOf(measurement)}`;
  return `SELECT ${fields.map(nameOf).join(', ')} FROM ${from} WHERE "device" = ${textOf(device)} AND time >= '${span.from}' AND time < '${span.to}' ORDER BY time LIMIT ${limit}`;
}

/** The statement that makes a database; one that is there already is left as it is. */
export function createDatabase(database: string): string {
  return `CREATE DATABASE ${nameOf(database)}`;
}

/** A name in quotes. InfluxQL, "Identifiers". */
function nameOf(name: string): string {
  return `"${escaped(name, /["\\]/g)}"`;
}

/** A text in quotes. InfluxQL, "Strings". */
function textOf(text: string): string {
  return `'${escaped(text, /['\\]/g)}'`;
}

function escaped(text: string, special: RegExp): string {
  return text.replaceAll(special, '\\$&').replaceAll('\n', '\\n');
}

/** What a statement gave. @throws LinkError it failed */
function seriesOf(text: string): readonly Series[] {
  const { error, results } = parseJson(text) as {
    readonly error?: string;
    readonly results?: readonly { readonly error?: string; readonly series?: readonly Series[] }[];
  };
  const [result] = results ?? [];
  const failure = error ?? result?.error;
  if (failure !== undefined) throw new LinkError(failure);
  if (!result) throw unexpected(text);
  return result.series ?? [];
}
