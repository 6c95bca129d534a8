#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { asJournalErrors, isJournal } from './service/journal.js';

/** Node's oldest version that this runs on: what Debian 13 and Raspberry Pi OS ship. */
const NODE_FLOOR = [20, 19] as const;
/** EX_CONFIG of sysexits.h: something a person has to change; the systemd unit does not restart on it. */
const EXIT_CONFIG = 78;
/** EX_SOFTWARE of sysexits.h: a bug; the systemd unit restarts. */
const EXIT_SOFTWARE = 70;
/** How long the sinks may take to say goodbye once the program is told to stop. With what follows it stays below 5 s. */
const DEADLINE_MS = 4_000;
const LAST_RESORT_MS = 500;
/** How long starting up takes on the slowest Raspberry Pi. */
const OPTIMIZE_AFTER_MS = 10_000;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < NODE_FLOOR[0] || (major === NODE_FLOOR[0] && minor < NODE_FLOOR[1])) {
  writeError(`smart-meter-reader needs Node.js ${NODE_FLOOR.join('.')} or newer; this is ${process.versions.node}\n`);
  process.exit(EXIT_CONFIG);
}

// Whatever a part of the program or a library writes is for its user alone.
process.umask(0o077);

// Has libraries write their own logs, in which the MQTT packets show the password. Before anything of them is loaded.
delete process.env.DEBUG;

// By default garbage piles up to several times what is alive. Beside others on a small computer less memory is worth more than speed that is not needed.
for (const flag of ['--semi-space-growth-factor=1', '--heap-growing-percent=10']) setFlagsFromString(flag);
// The optimizing compiler costs 4 MiB as soon as it is used. Starting up needs none of it; later it comes in for what runs a great deal.
for (const flag of ['--no-opt', '--interrupt-budget=20000000']) setFlagsFromString(flag);
setTimeout(() => {
  setFlagsFromString('--opt');
}, OPTIMIZE_AFTER_MS).unref();

const stop = new AbortController();
const deadline = new AbortController();

/** The first signal stops, the second is the deadline at once. */
function onSignal(): void {
  if (stop.signal.aborted) {
    deadline.abort();
    setTimeout(() => process.exit(), LAST_RESORT_MS).unref();
    return;
  }
  stop.abort();
  setTimeout(onSignal, DEADLINE_MS).unref();
}
process.on('SIGTERM', onSignal);
process.on('SIGINT', onSignal);
/** Registered before anything else takes its time: by Node's own rule this signal opens a debugger. */
const readings = new EventTarget();
process.on('SIGUSR1', () => readings.dispatchEvent(new Event('request')));
process.on('uncaughtException', (error) => {
  writeError(`smart-meter-reader: an error in the program: ${error.stack ?? error.message}\n`);
  process.exit(EXIT_SOFTWARE);
});
// A reader that went away (`check | head`) is no error.
process.stdout.on('error', () => process.exit());

// Imported only now: an older Node may not even be able to read the rest.
const { command } = await import('./commands/index.js');
process.exitCode = await command({
  argv: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  stdout: (text) => process.stdout.write(text),
  stderr: writeError,
  screen: () => (process.stdout.isTTY ? { columns: process.stdout.columns, rows: process.stdout.rows } : undefined),
  stdin: () => process.stdin,
  stop: stop.signal,
  deadline: deadline.signal,
  readings,
});
// Whatever a library still holds open must not keep a stopped program alive.
setTimeout(() => process.exit(), LAST_RESORT_MS).unref();

/** What no part of the program says by its log. */
function writeError(text: string): void {
  process.stderr.write(isJournal(process.env.JOURNAL_STREAM) ? asJournalErrors(text) : text);
}
