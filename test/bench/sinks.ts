import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { printLine } from '../../src/codecs/line-protocol.js';
import { systemClock } from '../../src/pipeline/clock.js';
import csv from '../../src/sinks/csv/index.js';
import { native } from '../../src/sinks/influxdb/series.js';
import { openHttpClient } from '../../src/transports/http-client.js';
import { csvSettings } from '../support/csv.js';
import { temporaryFolder } from '../support/histories.js';
import { skipWithoutInfluxdb, startInfluxdb } from '../support/influxdb.js';
import { sinkOf } from '../support/sink-settings.js';
import { startWebServer } from '../support/web-server.js';
import { intoMariadb, intoPostgresql, intoSqlite } from './databases.js';
import type { Figure } from './figure.js';
import { batchesOf, historyFigure, secondsOf } from './history.js';

const { signal: never } = new AbortController();

/** How many readings are made into lines at a time. */
const STRETCH = 1_000;

/** Beside one write of the same bytes, which is synced as well. */
async function intoCsv(): Promise<Figure> {
  using folder = temporaryFolder();
  const { path } = folder;
  return await historyFigure({
    name: '`csv`',
    kind: csv,
    settings: csvSettings({ folder: path }),
    loader: 'one write of the same bytes',
    load: async (readings) => {
      const names = (await readdir(path, { recursive: true })).filter((name) => /\.csv(\.part)?$/.test(name));
      const bytes = Buffer.concat(await Promise.all(names.map((name) => readFile(join(path, name)))));
      if (bytes.length < readings) throw new Error(`${bytes.length} bytes of ${readings} readings`);
      return secondsOf(async () => {
        await using file = await open(join(path, 'at-once'), 'w');
        await file.writeFile(bytes);
        await file.sync();
      });
    },
  });
}

/** Beside one request with all lines in it. */
async function intoInfluxdb(): Promise<Figure> {
  if (skipWithoutInfluxdb !== false) return { what: '`influxdb`', measured: skipWithoutInfluxdb };
  await using influxdb = await startInfluxdb({ http: ['max-body-size = 0'] });
  return await historyFigure({
    name: '`influxdb`, InfluxDB 1',
    ...(await sinkOf('influxdb', `version = 1\nurl = "${influxdb.url}"\ndatabase = "bench"\n`)),
    loader: 'one request with all lines',
    load: async (readings) => {
      await influxdb.query('CREATE DATABASE at_once');
      const body = linesOf(readings);
      return secondsOf(async () => {
        const { status } = await fetch(`${influxdb.url}/write?db=at_once&precision=ms`, { method: 'POST', body });
        if (status !== 204) throw new Error(`InfluxDB answers with ${status}`);
      });
    },
  });
}

function linesOf(readings: number): Buffer {
  const schema = native({}, false);
  const stretches: Buffer[] = [];
  let left = readings;
  for (const batch of batchesOf(STRETCH)) {
    const lines = batch.slice(0, left).flatMap((reading) => schema(reading).map((point) => `${printLine(point, 'ms')}\n`));
    stretches.push(Buffer.from(lines.join('')));
    if ((left -= STRETCH) <= 0) break;
  }
  return Buffer.concat(stretches);
}

/** Beside the same requests without what makes them: the server is one of this process. */
async function intoHttp(): Promise<Figure> {
  await using server = await startWebServer(() => ({ status: 204 }));
  return await historyFigure({
    name: '`http`, a server in the same process',
    ...(await sinkOf('http', `url = "${server.url}"\n`)),
    loader: 'the same requests, ready-made',
    load: async () => {
      const asked = [...server.asked];
      const client = await openHttpClient({ ca: undefined, clock: systemClock }, never);
      const url = new URL(server.url);
      try {
        return await secondsOf(async () => {
          for (const { method, headers, body } of asked) await client.request({ method, url, headers, body }, never);
        });
      } finally {
        client.close();
      }
    },
  });
}

/** Readings per second into each history, side by side with what its store takes in one run. */
export const HISTORIES: readonly (() => Promise<Figure[]>)[] = [
  intoCsv,
  intoSqlite,
  intoPostgresql,
  intoMariadb,
  intoInfluxdb,
  intoHttp,
].map((into) => async () => [await into()]);
