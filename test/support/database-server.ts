import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './tcp-server.js';
import { toolPath } from './tool.js';

/** The password of every server of the tests. */
export const PASSWORD = 'only-of-the-tests';

/** A real database server in a folder of its own, reached by a socket there. */
export interface DatabaseServer {
  /** As the settings name it. */
  readonly host: string;
  /** On which it speaks TLS at `localhost`; 0 when it does not. */
  readonly port: number;
  /** Starts it, or stops it as on a host that shuts down; does nothing where it is so already. */
  isUp(up: boolean): Promise<void>;
  /** Stops it and removes its folder. */
  end(): Promise<void>;
  /** Shows another certificate from its next start on. */
  show(certificate: Certificate): void;
}

/** What a server shows of itself, as PEM texts. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** How a kind of server is set up and started, in a folder. */
interface Kind {
  readonly setUp: (folder: string) => readonly [string, ...string[]];
  readonly start: (folder: string) => readonly [string, ...string[]];
  /** What is added for TLS on a port of loopback. */
  readonly tls: (port: number, cert: string, key: string) => readonly string[];
  readonly ready: RegExp;
  readonly host: (folder: string) => string;
}

/** Debian keeps PostgreSQL's servers out of everybody's PATH, a folder for each version. */
const POSTGRESQL_VERSIONS = '/usr/lib/postgresql';

function postgresqlTool(name: string): string {
  const versions = existsSync(POSTGRESQL_VERSIONS) ? readdirSync(POSTGRESQL_VERSIONS) : [];
  const paths = versions.map((version) => join(POSTGRESQL_VERSIONS, version, 'bin', name));
  return paths.findLast((path) => existsSync(path)) ?? toolPath(name) ?? name;
}

/** Where the statements are that make the tables of the server's own. */
function mariadbTables(): string | undefined {
  return ['/usr/share/mariadb', '/usr/share/mysql'].find((folder) => existsSync(join(folder, 'mysql_system_tables.sql')));
}

const KINDS = {
  postgresql: {
    setUp: (folder) => {
      const password = join(folder, 'password');
      writeFileSync(password, PASSWORD, { mode: 0o644 });
      const options = ['--auth=scram-sha-256', `--pwfile=${password}`, '--encoding=UTF8', '--no-locale', '--no-sync'];
      return [postgresqlTool('initdb'), '--username=smart_meter', ...options, join(folder, 'data')];
    },
    // Tables of the system can be changed, so that a test can pretend an extension.
    start: (folder) => {
      const settings = [`unix_socket_directories=${folder}`, 'listen_addresses=', 'fsync=off', 'allow_system_table_mods=on'];
      return [postgresqlTool('postgres'), '-D', join(folder, 'data'), ...settings.flatMap((setting) => ['-c', setting])];
    },
    tls: (port, cert, key) =>
      ['listen_addresses=127.0.0.1', `port=${port}`, 'ssl=on', `ssl_cert_file=${cert}`, `ssl_key_file=${key}`].flatMap(
        (setting) => ['-c', setting],
      ),
    ready: /ready to accept connections/,
    host: (folder) => folder,
  },
  mariadb: {
    // What mariadb-install-db does, which needs more packages than the server.
    setUp: (folder) => {
      // One statement a line, as the server wants them there.
      const first = [
        'CREATE DATABASE mysql',
        'USE mysql',
        "SET @auth_root_socket = NULL, @current_hostname = 'localhost', @skip_auth_anonymous = 1",
      ];
      writeFileSync(join(folder, 'system.sql'), first.map((statement) => `${statement};\n`).join(''), { mode: 0o644 });
      const script =
        'mkdir "$0/data"; cd "$1"; cat "$0/system.sql" mysql_system_tables.sql mysql_performance_tables.sql mysql_system_tables_data.sql | ' +
        '"$2" --no-defaults --bootstrap --innodb-log-file-size=8M --datadir="$0/data" --tmpdir="$0"';
      return ['sh', '-c', script, folder, mariadbTables() ?? '', toolPath('mariadbd') ?? ''];
    },
    start: (folder) => {
      const first = join(folder, 'first.sql');
      const users = ['localhost', '127.0.0.1'].map((host) => `smart_meter@'${host}'`);
      const statements = users.map(
        (user) => `CREATE USER IF NOT EXISTS ${user} IDENTIFIED BY '${PASSWORD}';\nGRANT ALL ON *.* TO ${user};\n`,
      );
      writeFileSync(first, statements.join(''), { mode: 0o644 });
      const options = [
        '--skip-networking',
        '--skip-name-resolve',
        '--innodb-log-file-size=8M',
        '--innodb-flush-log-at-trx-commit=0',
        `--init-file=${first}`,
      ];
      const places = [
        `--datadir=${join(folder, 'data')}`,
        `--socket=${join(folder, 'socket')}`,
        `--pid-file=${join(folder, 'pid')}`,
        `--tmpdir=${folder}`,
      ];
      return [toolPath('mariadbd') ?? '', '--no-defaults', ...options, ...places];
    },
    tls: (port, cert, key) => [
      '--skip-networking=0',
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      `--ssl-cert=${cert}`,
      `--ssl-key=${key}`,
    ],
    ready: /ready for connections/,
    host: (folder) => join(folder, 'socket'),
  },
} as const satisfies Record<string, Kind>;

/** The `skip` of a test that needs a server: false when it is installed. */
export function skipWithoutServer(kind: keyof typeof KINDS): string | false {
  const found = kind === 'postgresql' ? existsSync(postgresqlTool('initdb')) : toolPath('mariadbd') && mariadbTables();
  return found ? false : `not installed: a server of ${kind}`;
}

/** Sets up a server and starts it; with a certificate it speaks TLS too. */
export async function startDatabaseServer(name: keyof typeof KINDS, certificate?: Certificate): Promise<DatabaseServer> {
  const kind: Kind = KINDS[name];
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  // Neither server runs as root.
  const asNobody = process.getuid?.() === 0 ? (['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] as const) : [];
  chmodSync(folder, 0o755);
  if (asNobody.length > 0) chownSync(folder, 65_534, 65_534);
  const under = (command: readonly [string, ...string[]]): [string, ...string[]] =>
    [...asNobody, ...command] as [string, ...string[]];
  const port = certificate ? await freePort() : 0;
  const [cert, key] = [join(folder, 'server.pem'), join(folder, 'server.key')];
  const show = (shown: Certificate): void => {
    writeFileSync(cert, shown.cert, { mode: 0o644 });
    writeFileSync(key, shown.key, { mode: 0o600 });
    if (asNobody.length > 0) chownSync(key, 65_534, 65_534);
  };
  if (certificate) show(certificate);
  let child: ChildProcess | undefined;
  const isUp = async (up: boolean): Promise<void> => {
    if (up && !child)
      child = await launch(under([...kind.start(folder), ...(port === 0 ? [] : kind.tls(port, cert, key))]), folder, kind.ready);
    if (up || !child) return;
    const ended = once(child, 'exit');
    child.kill('SIGQUIT');
    child = undefined;
    await ended;
  };
  try {
    const [file, ...args] = under(kind.setUp(folder));
    execFileSync(file, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    await isUp(true);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    host: kind.host(folder),
    port,
    isUp,
    show,
    end: async () => {
      await isUp(false);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function launch([file, ...args]: readonly [string, ...string[]], cwd: string, ready: RegExp): Promise<ChildProcess> {
  const child = spawn(file, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (ready.test(said)) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => {
      reject(new Error(`${file} ended: ${said}`));
    });
  });
  return child;
}
