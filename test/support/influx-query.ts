import assert from 'node:assert/strict';
import type { Queried } from './influx-stand-in.js';
import type { ReadPoint } from './line-protocol.js';
import type { Asked } from './web-server.js';

/** A text of Flux and one of SQL, each with what it escapes; a name of SQL; a time. */
const FLUX_TEXT = String.raw`"((?:\\["\\$n]|\$(?!\{)|[^"\\$\n])*)"`;
const SQL_TEXT = `'((?:''|[^'])*)'`;
const SQL_NAME = `"((?:""|[^"])*)"`;
const TIME = String.raw`(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)`;

const FLUX_FROM = `from\\(bucket: ${FLUX_TEXT}\\) \\|> range\\(start: ${TIME}, stop: ${TIME}\\) \\|> `;
const FLUX_COLUMNS = new RegExp(
  `^${FLUX_FROM}filter\\(fn: \\(r\\) => exists r\\.device\\) \\|> last\\(\\) \\|> keep\\(columns: \\["device", "_measurement", "_field"\\]\\) \\|> group\\(\\)$`,
);
const FLUX_PAGE = new RegExp(
  `^${FLUX_FROM}filter\\(fn: \\(r\\) => r\\._measurement == ${FLUX_TEXT} and r\\._field == ${FLUX_TEXT} and r\\.device == ${FLUX_TEXT}\\) \\|> limit\\(n: (\\d+)\\) \\|> keep\\(columns: \\["_time", "_value"\\]\\) \\|> sort\\(columns: \\["_time"\\]\\) \\|> limit\\(n: (\\d+)\\)$`,
);

const SQL_COLUMNS = "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'iox'";
const SQL_DURING = `"time" >= '${TIME}' AND "time" < '${TIME}'`;
const SQL_DEVICES = new RegExp(`^SELECT DISTINCT "device" FROM ${SQL_NAME} WHERE "device" IS NOT NULL AND ${SQL_DURING}$`);
const SQL_PAGE = new RegExp(
  `^SELECT "time", (${SQL_NAME}(?:, ${SQL_NAME})*) FROM ${SQL_NAME} WHERE "device" = ${SQL_TEXT} AND ${SQL_DURING} ORDER BY "time" LIMIT (\\d+)$`,
);

/** Answers Flux as InfluxDB 2 does, for the questions that we ask: InfluxDB v2 API, "Query data"; "Annotated CSV". */
export function fluxStandIn(org: string, bucket: string, authorization: string): Queried {
  return (asked, points) => {
    const body = judged(asked, '/api/v2/query', { accept: 'application/csv', authorization });
    assert.deepEqual(asked.query, { org });
    const { query, ...others } = body as { readonly query: string };
    assert.deepEqual(others, { type: 'flux', dialect: { annotations: ['datatype'] } });
    const unescaped = (text = ''): string =>
      text.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
    const all = FLUX_COLUMNS.exec(query);
    if (all) {
      assert.equal(unescaped(all[1]), bucket);
      const rows = during(points, all[2], all[3]).flatMap(({ measurement, tags, fields }) =>
        Object.keys(fields).map((field) => csv(['', '_result', '0', measurement, field, tags.device ?? ''])),
      );
      return table('string,string,string', '_measurement,_field,device', [...new Set(rows)]);
    }
    const [, from, start, stop, measurement, field, device, limit, again] = FLUX_PAGE.exec(query) ?? assert.fail(query);
    assert.equal(unescaped(from), bucket);
    assert.equal(limit, again);
    const found = during(points, start, stop).filter(
      (point) =>
        point.measurement === unescaped(measurement) &&
        point.tags.device === unescaped(device) &&
        unescaped(field) in point.fields,
    );
    const rows = found.map(({ timestamp, fields }) => ({ timestamp, value: fields[unescaped(field)] ?? '' }));
    const type = { number: 'double', bigint: 'long', string: 'string', boolean: 'boolean' }[
      typeof rows[0]?.value as 'number' | 'bigint' | 'string' | 'boolean'
    ];
    return table(
      `dateTime:RFC3339,${type}`,
      '_time,_value',
      rows.slice(0, Number(limit)).map(({ timestamp, value }) => csv(['', '_result', '0', timeOf(timestamp), String(value)])),
    );
  };
}

/** Answers SQL as InfluxDB 3 does, for the questions that we ask: InfluxDB 3 Core API, "Execute SQL query", in lines of JSON. */
export function sqlStandIn(database: string, authorization: string): Queried {
  return (asked, points) => {
    const body = judged(asked, '/api/v3/query_sql', { accept: 'application/jsonl', authorization });
    assert.deepEqual(asked.query, {});
    const { q, ...others } = body as { readonly q: string };
    assert.deepEqual(others, { db: database, format: 'jsonl' });
    if (q === SQL_COLUMNS) return jsonLines(columnsOf(points));
    const nameOf = (text = ''): string => text.replaceAll('""', '"');
    const distinct = SQL_DEVICES.exec(q);
    if (distinct) {
      const found = during(points, distinct[2], distinct[3]).filter(({ measurement }) => measurement === nameOf(distinct[1]));
      return jsonLines([...new Set(found.map(({ tags }) => tags.device))].map((device) => ({ device })));
    }
    const match = SQL_PAGE.exec(q) ?? assert.fail(q);
    const [measurement, device, start, stop, limit] = match.slice(-5);
    const names = [...(match[1] ?? '').matchAll(new RegExp(SQL_NAME, 'g'))].map(([, name]) => nameOf(name));
    const found = during(points, start, stop).filter(
      (point) => point.measurement === nameOf(measurement) && point.tags.device === (device ?? '').replaceAll("''", "'"),
    );
    return jsonLines(
      found.slice(0, Number(limit)).map(({ timestamp, fields }) => ({
        time: timeOf(timestamp).slice(0, -1),
        ...Object.fromEntries(names.filter((name) => name in fields).map((name) => [name, plain(fields[name])])),
      })),
    );
  };
}

/** @returns the body of a question that is as it should be */
function judged({ method, path, headers, body }: Asked, wanted: string, own: Readonly<Record<string, string>>): unknown {
  assert.equal(method, 'POST');
  assert.equal(path, wanted);
  const { host: _host, 'content-length': _length, connection: _connection, 'user-agent': agent = '', ...others } = headers;
  assert.match(agent, /^[\w-]+\/\S+$/);
  assert.deepEqual(others, { ...own, 'content-type': 'application/json' });
  return JSON.parse(body.toString('utf8'));
}

/** The points of a span, in order of time. Points have milliseconds. */
function during(points: readonly ReadPoint[], from = '', to = ''): ReadPoint[] {
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  const found = points.filter(({ timestamp }) => timestamp >= begin && timestamp < end);
  return found.toSorted((one, other) => Number(one.timestamp - other.timestamp));
}

function columnsOf(points: readonly ReadPoint[]): unknown[] {
  const types = { number: 'Float64', bigint: 'Int64', string: 'Utf8', boolean: 'Boolean' } as const;
  const columns = points.flatMap(({ measurement, tags, fields }) => [
    [measurement, 'time', 'Timestamp(Nanosecond, None)'],
    ...Object.keys(tags).map((tag) => [measurement, tag, 'Dictionary(Int32, Utf8)']),
    ...Object.entries(fields).map(([name, value]) => [measurement, name, types[typeof value as keyof typeof types]]),
  ]);
  const unique = new Map(columns.map((column) => [JSON.stringify(column), column]));
  return [...unique.values()].map(([table_name, column_name, data_type]) => ({ table_name, column_name, data_type }));
}

function timeOf(timestamp: bigint): string {
  return new Date(Number(timestamp)).toISOString();
}

function plain(value: ReadPoint['fields'][string] | undefined): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

function table(types: string, names: string, rows: readonly string[]): string {
  if (rows.length === 0) return '\r\n';
  return [`#datatype,string,long,${types}`, `,result,table,${names}`, ...rows, '', ''].join('\r\n');
}

function csv(cells: readonly string[]): string {
  return cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
}

function jsonLines(rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
