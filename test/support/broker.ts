import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { skipWithout, toolPath } from './tool.js';

/** The `skip` of a test that needs a broker: false when Mosquitto is installed. */
export const skipWithoutBroker = skipWithout('mosquitto', 'mosquitto_passwd');

/** How a broker differs from one that lets everybody in, forgets everything and sends small packets at once. */
export interface BrokerOptions {
  /** Retained messages outlive `stop` and `start` (not `kill`). */
  readonly persistence?: boolean;
  /** User name → password; nobody else is let in. */
  readonly users?: Readonly<Record<string, string>>;
  /** Lines of an ACL file: what may be read and written. */
  readonly acl?: readonly string[];
  /** False: Nagle's algorithm stays on, as in a Mosquitto that nobody configured. */
  readonly noDelay?: boolean;
  /** PEM texts: speak TLS, with this certificate. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** PEM text: whose certificates clients must have, with `tls`. */
  readonly clientAuthority?: string;
  /** Further lines of the configuration. */
  readonly config?: readonly string[];
  /** A command that starts it in its stead, as the same process; given its folder. */
  readonly under?: (folder: string) => readonly string[];
}

/** A real Mosquitto on a loopback port of its own. `await using` ends it and removes its files. */
export interface Broker extends AsyncDisposable {
  readonly port: number;
  /** `mqtt://127.0.0.1:<port>`, with TLS `mqtts://localhost:<port>`. */
  readonly url: string;
  /** Starts it again, on the same port, after `stop` or `kill`. */
  start(): Promise<void>;
  /** Ends it as a service manager would; it closes its connections and saves what it keeps. */
  stop(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Lets a user in, with this password from now on. Only where it has users. */
  admit(user: string, password: string): void;
  /** Freezes it: connections stay, nothing is answered. */
  pause(): void;
  resume(): void;
}

/** Starts a Mosquitto and resolves when it takes connections. */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const folder = await mkdtemp(join(tmpdir(), 'broker-'));
  const port = await freePort();
  await writeConfig(folder, port, options);
  const under = options.under?.(folder) ?? [];
  let mosquitto = await launch(folder, port, under);

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (mosquitto.exitCode !== null || mosquitto.signalCode !== null) return;
    const exit = once(mosquitto, 'exit');
    mosquitto.kill(signal);
    await exit;
  }

  return {
    port,
    url: options.tls ? `mqtts://localhost:${port}` : `mqtt://127.0.0.1:${port}`,
    start: async () => {
      mosquitto = await launch(folder, port, under);
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    admit: (user, password) => {
      writePassword(folder, user, password);
      mosquitto.kill('SIGHUP');
    },
    pause: () => mosquitto.kill('SIGSTOP'),
    resume: () => mosquitto.kill('SIGCONT'),
    [Symbol.asyncDispose]: async () => {
      await end('SIGKILL');
      await rm(folder, { recursive: true });
    },
  };
}

/** A loopback port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function writeConfig(folder: string, port: number, options: BrokerOptions): Promise<void> {
  const { persistence = false, users, acl, noDelay = true, tls, clientAuthority, config = [] } = options;
  const lines = [
    `listener ${port} 127.0.0.1`,
    `allow_anonymous ${users === undefined}`,
    `persistence ${persistence}`,
    `persistence_location ${folder}/`,
    `set_tcp_nodelay ${noDelay}`,
    'log_dest stderr',
    // Started as root it would become another user, who cannot read its folder; otherwise this has no effect.
    'user root',
    ...config,
  ];
  const file = async (name: string, content: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, content, { mode: 0o600 });
    return path;
  };
  if (tls) lines.push(`certfile ${await file('cert.pem', tls.cert)}`, `keyfile ${await file('key.pem', tls.key)}`);
  if (clientAuthority !== undefined)
    lines.push(`cafile ${await file('clients.pem', clientAuthority)}`, 'require_certificate true');
  if (acl) lines.push(`acl_file ${await file('acl', `${acl.join('\n')}\n`)}`);
  if (users) {
    const path = await file('passwords', '');
    for (const [user, password] of Object.entries(users)) writePassword(folder, user, password);
    lines.push(`password_file ${path}`);
  }
  await file('mosquitto.conf', `${lines.join('\n')}\n`);
}

function writePassword(folder: string, user: string, password: string): void {
  execFileSync(toolOrThrow('mosquitto_passwd'), ['-b', join(folder, 'passwords'), user, password]);
}

/** Resolves when the broker answers. It says that it runs a moment earlier, when a signal to end is still forgotten. */
async function launch(folder: string, port: number, under: readonly string[]): Promise<ChildProcess> {
  const mosquitto = toolOrThrow('mosquitto');
  const [command, ...args] = [...under, mosquitto, '-c', join(folder, 'mosquitto.conf')];
  const broker = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    broker.once('error', reject);
    broker.once('exit', () => {
      reject(new Error(`mosquitto ended at once: ${said}`));
    });
    // Read to the end, or a full pipe would stop it; remembered only until it runs.
    broker.stderr.on('data', (chunk: Buffer) => {
      if (said.includes(' running')) return;
      said += chunk.toString();
      if (said.includes(' running')) resolve();
    });
  });
  await firstAnswer(port);
  return broker;
}

/** CONNECT of MQTT 3.1.1 with an empty client id. A refusal is an answer too, and so is hanging up on us for not speaking TLS. */
async function firstAnswer(port: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.write(Buffer.from([0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 0]));
  await new Promise<void>((resolve, reject) => {
    const answered = (): void => {
      resolve();
    };
    socket.once('data', answered).once('close', answered);
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') reject(error);
    });
  });
  socket.destroy();
}

function toolOrThrow(tool: string): string {
  const path = toolPath(tool);
  if (path === undefined) throw new Error(`${tool} is not installed`);
  return path;
}
