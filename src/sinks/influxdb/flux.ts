import { CsvDecoder } from '../../codecs/csv.js';
import { LinkError } from '../../model/errors.js';
import type { Values } from '../../model/reading.js';
import type { Target } from './api.js';
import { unexpected, type Ask, type Language, type Source, type Span } from './language.js';

/** A row of an answer: texts by the names of their columns, and the type of the value. */
interface Cells {
  readonly cells: Readonly<Record<string, string>>;
  readonly types: Readonly<Record<string, string>>;
}

/** Version 2: Flux, by InfluxDB v2 API "POST /api/v2/query". */
export function flux({ org, bucket = '' }: Target): Language {
  const run = async (query: string, ask: Ask): Promise<readonly Cells[]> =>
    tableOf(
      await ask({
        path: 'api/v2/query',
        parameters: { org },
        type: 'application/json',
        accept: 'application/csv',
        body: JSON.stringify({ query, type: 'flux', dialect: { annotations: ['datatype'] } }),
      }),
    );
  const within = ({ from, to }: Span): string => `from(bucket: ${textOf(bucket)}) |> range(start: ${from}, stop: ${to})`;
  return {
    // Values of different types are in no table together.
    fieldsAtOnce: 1,
    columns: async (span, ask) => {
      const query = `${within(span)} |> filter(fn: (r) => exists r.device) |> last() |> keep(columns: ["device", "_measurement", "_field"]) |> group()`;
      return (await run(query, ask)).map(({ cells: { device = '', _measurement: measurement = '', _field: field = '' } }) => ({
        device,
        measurement,
        field,
      }));
    },
    page: async (source, span, limit, ask) => {
      const [field = ''] = source.fields;
      // The first of each series, which is in order of time, and of those the first.
      const query = `${within(span)} |> filter(fn: (r) => ${conditionOf(source, field)}) |> limit(n: ${limit}) |> keep(columns: ["_time", "_value"]) |> sort(columns: ["_time"]) |> limit(n: ${limit})`;
      const rows = (await run(query, ask)).map(({ cells, types }) => ({
        at: Date.parse(cells._time ?? ''),
        values: { [field]: valueOf(cells._value ?? '', types._value ?? '') },
      }));
      return { rows, isLast: rows.length < limit };
    },
  };
}

function conditionOf({ device, measurement }: Source, field: string): string {
  return `r._measurement == ${textOf(measurement)} and r._field == ${textOf(field)} and r.device == ${textOf(device)}`;
}

/** A text in quotes. Flux language specification, "String literals". */
function textOf(text: string): string {
  return `"${text.replaceAll(/["\\]|\$(?=\{)/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

/** Flux, "Annotated CSV". */
function valueOf(text: string, type: string): Values[string] {
  if (type === 'boolean') return text === 'true';
  return type === 'string' ? text : Number(text);
}

/** The rows of all tables of an answer. @throws LinkError it is an error, or no table */
function tableOf(text: string): readonly Cells[] {
  const decoder = new CsvDecoder();
  const rows: Cells[] = [];
  let types: readonly string[] = [];
  let names: readonly string[] | undefined;
  for (const row of [...decoder.push(text), ...decoder.end()]) {
    if (row.kind === 'error') throw unexpected(row.detail);
    const texts = row.cells.map((cell) => cell.text);
    if (texts[0] === '#datatype') {
      types = texts;
      names = undefined;
      continue;
    }
    if (types.length === 0) throw unexpected(text);
    if (!names) {
      names = texts;
      continue;
    }
    const cells = byName(names, texts);
    if (cells.error !== undefined) throw new LinkError(cells.error);
    rows.push({ cells, types: byName(names, types) });
  }
  return rows;
}

function byName(names: readonly string[], texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? ''] as const));
}
