import type { Target } from './api.js';
import { parseJson, valuesOf, type Ask, type Language, type Span } from './language.js';

type Row = Readonly<Record<string, unknown>>;

const COLUMNS = "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'iox'";

/** Version 3: SQL, by InfluxDB 3 Core "POST /api/v3/query_sql". */
export function sql({ database }: Target): Language {
  const run = async (query: string, ask: Ask): Promise<readonly Row[]> =>
    rowsOf(
      await ask({
        path: 'api/v3/query_sql',
        parameters: {},
        type: 'application/json',
        accept: 'application/jsonl',
        body: JSON.stringify({ db: database, q: query, format: 'jsonl' }),
      }),
    );
  return {
    fieldsAtOnce: 100,
    columns: async (span, ask) => {
      const known = await run(COLUMNS, ask);
      const tables = known.filter((row) => row.column_name === 'device' && isTag(row)).map((row) => String(row.table_name));
      const found = [];
      for (const measurement of tables) {
        const devices = await run(
          `SELECT DISTINCT "device" FROM ${nameOf(measurement)} WHERE "device" IS NOT NULL AND ${during(span)}`,
          ask,
        );
        const fields = known.filter((row) => row.table_name === measurement && row.column_name !== 'time' && !isTag(row));
        for (const { device } of devices)
          for (const { column_name: field } of fields) found.push({ device: String(device), measurement, field: String(field) });
      }
      return found;
    },
    page: async ({ device, measurement, fields }, span, limit, ask) => {
      const found = await run(
        `SELECT "time", ${fields.map(nameOf).join(', ')} FROM ${nameOf(measurement)} WHERE "device" = ${textOf(device)} AND ${during(span)} ORDER BY "time" LIMIT ${limit}`,
        ask,
      );
      const rows = found.map((row) => ({
        // In UTC, which is not written.
        at: Date.parse(`${String(row.time).replace(/Z$/, '')}Z`),
        values: valuesOf(fields, (field) => row[field]),
      }));
      return { rows, isLast: rows.length < limit };
    },
  };
}

/** Tags are the columns that are kept as numbers of texts. */
function isTag({ data_type: type }: Row): boolean {
  return String(type).startsWith('Dictionary');
}

function during({ from, to }: Span): string {
  return `"time" >= '${from}' AND "time" < '${to}'`;
}

function nameOf(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function textOf(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function rowsOf(text: string): readonly Row[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => parseJson(line) as Row);
}
