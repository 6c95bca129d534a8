import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { readLine, type ReadPoint } from './line-protocol.js';
import { startWebServer, type Answering, type Asked, type WebServer } from './web-server.js';

/** An InfluxDB that takes nothing but what its documentation says, and keeps the newest of each point. */
export interface InfluxStandIn extends WebServer {
  /** The points by series and time. */
  readonly points: Map<string, ReadPoint>;
  /** What was wrong with requests: nothing should be. */
  readonly complaints: string[];
}

/** What a stand-in wants of every request. */
export interface Wanted {
  readonly path: string;
  /** All parameters, no other. */
  readonly query: Readonly<Record<string, string>>;
  readonly authorization: string;
  /** What the program calls itself; `test/1.0` where nothing is said. */
  readonly agent?: RegExp;
}

/** Answers a question about points. */
export type Queried = (asked: Asked, points: readonly ReadPoint[]) => string;

/**
 * Starts a stand-in.
 * @param queried answers what is asked elsewhere than where points are written
 * @param misbehave answers in its stead, where it is not undefined; given the lines of the request
 */
export async function startInfluxStandIn(
  wanted: Wanted,
  misbehave: (lines: readonly string[]) => Answering | undefined = () => undefined,
  queried?: Queried,
): Promise<InfluxStandIn> {
  const points = new Map<string, ReadPoint>();
  const complaints: string[] = [];
  const server = await startWebServer((asked) => {
    try {
      if (queried && asked.path !== wanted.path) return { status: 200, text: queried(asked, [...points.values()]) };
      const lines = linesOf(asked, wanted);
      const other = misbehave(lines);
      if (other !== undefined) return other;
      for (const point of lines.map(readLine)) {
        const key = JSON.stringify([point.measurement, point.tags, String(point.timestamp)]);
        const known = points.get(key);
        points.set(key, { ...point, fields: { ...known?.fields, ...point.fields } });
      }
      return { status: 204 };
    } catch (error) {
      complaints.push(String(error));
      return { status: 500, text: String(error) };
    }
  });
  return Object.assign(server, { points, complaints });
}

function linesOf({ method, path, query, headers, body }: Asked, wanted: Wanted): string[] {
  assert.equal(method, 'POST');
  assert.equal(path, wanted.path);
  assert.deepEqual(query, wanted.query);
  const { host = '', 'content-length': length, 'user-agent': agent = '', connection: _connection, ...others } = headers;
  assert.match(host, /^(127\.0\.0\.1|localhost):\d+$/);
  assert.equal(length, String(body.length));
  assert.match(agent, wanted.agent ?? /^test\/1\.0$/);
  assert.deepEqual(others, {
    accept: 'application/json',
    authorization: wanted.authorization,
    'content-encoding': 'gzip',
    'content-type': 'text/plain; charset=utf-8',
  });
  const text = gunzipSync(body).toString('utf8');
  assert.ok(text.endsWith('\n'));
  return text.slice(0, -1).split('\n');
}
