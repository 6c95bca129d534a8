import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './tcp-server.js';
import { skipWithout, toolPath } from './tool.js';

/** The `skip` of a test that needs a database: false when InfluxDB 1 is installed. */
export const skipWithoutInfluxdb = skipWithout('influxd');

/** A real InfluxDB 1 on a loopback port and in a folder of its own. `await using` ends it and removes its files. */
export interface Influxdb extends AsyncDisposable {
  readonly url: string;
  /** Starts it again, on the same port, after `kill`. */
  start(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** What a statement of its language gives: each row by the names of its columns, times in milliseconds. */
  query(statement: string, database?: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** How a database differs from one that lets everybody in. */
export interface InfluxdbOptions {
  /** An administrator, who is needed from then on. */
  readonly admin?: { readonly username: string; readonly password: string };
  /** Lines of the section `[http]`. */
  readonly http?: readonly string[];
}

/** Starts an InfluxDB and resolves when it answers. */
export async function startInfluxdb({ admin, http = [] }: InfluxdbOptions = {}): Promise<Influxdb> {
  const folder = await mkdtemp(join(tmpdir(), 'influxdb-'));
  const [port, backup] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  await writeFile(join(folder, 'influxdb.conf'), configuration(folder, port, backup, admin !== undefined, http));
  let server = await launch(folder, url);

  async function kill(): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exit = once(server, 'exit');
    server.kill('SIGKILL');
    await exit;
  }

  async function query(statement: string, database = ''): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const basic = admin && Buffer.from(`${admin.username}:${admin.password}`).toString('base64');
    const response = await fetch(`${url}/query?epoch=ms&db=${database}`, {
      method: 'POST',
      body: new URLSearchParams({ q: statement }),
      headers: basic === undefined ? {} : { Authorization: `Basic ${basic}` },
    });
    return rowsOf((await response.json()) as Results);
  }

  if (admin) await query(`CREATE USER "${admin.username}" WITH PASSWORD '${admin.password}' WITH ALL PRIVILEGES`);
  return {
    url,
    start: async () => {
      server = await launch(folder, url);
    },
    kill,
    query,
    [Symbol.asyncDispose]: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Results {
  readonly error?: string;
  readonly results?: readonly {
    readonly error?: string;
    readonly series?: readonly { readonly columns: readonly string[]; readonly values: readonly (readonly unknown[])[] }[];
  }[];
}

function rowsOf({ error, results = [] }: Results): readonly Readonly<Record<string, unknown>>[] {
  const failure = error ?? results.find((result) => result.error !== undefined)?.error;
  if (failure !== undefined) throw new Error(failure);
  return results.flatMap(({ series = [] }) =>
    series.flatMap(({ columns, values }) =>
      values.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]]))),
    ),
  );
}

function configuration(folder: string, port: number, backup: number, auth: boolean, http: readonly string[]): string {
  return `reporting-disabled = true
bind-address = "127.0.0.1:${backup}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
  query-log-enabled = false
[monitor]
  store-enabled = false
[subscriber]
  enabled = false
[continuous_queries]
  enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  auth-enabled = ${auth}
  log-enabled = false
${http.map((line) => `  ${line}\n`).join('')}`;
}

async function launch(folder: string, url: string): Promise<ChildProcess> {
  const server = spawn(toolPath('influxd') ?? 'influxd', ['-config', join(folder, 'influxdb.conf')], { stdio: 'ignore' });
  for (let tries = 0; tries < 600; tries++) {
    if (server.exitCode !== null) throw new Error(`influxd ended at once: ${server.exitCode}`);
    const answered = await fetch(`${url}/ping`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answered) return server;
    await sleep(50);
  }
  server.kill('SIGKILL');
  throw new Error('influxd does not answer');
}
