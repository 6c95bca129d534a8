import { resolve } from 'node:path';
import { LinkError } from '../model/errors.js';
import { scopeOf, systemClock, unlessAborted } from '../pipeline/clock.js';
import { randomFrom } from '../simulators/random.js';
import type { FarEnd } from '../transports/far-end.js';
import type { Link } from '../transports/link.js';
import { EXIT, Failure, UsageError, type CommandContext, type Options } from './command.js';
import { numberOf, text } from './options.js';
import { FAULT_KEYS, parseFaults, SimulatedFaults, type SimulatedFault } from './simulated-faults.js';
import { SIMULATED_METERS, type SimulatedMeter } from './simulated-meters.js';
import { onKeys } from './keyboard.js';

/** What `simulate --help` says. */
export const HELP = `A meter to play with: a household with its day, at a serial port that it makes, or at a TCP port.

Usage:
  smart-meter-reader simulate <meter> [--pty <path>] [--interval <s>] [--seed <n>] [--fault <faults>]
  smart-meter-reader simulate <meter> --port <n> [--address <address>] …

Meters: ${Object.keys(SIMULATED_METERS).join(', ')}

Options:
  --pty <path>       the serial port, otherwise <meter>.tty in this folder. Needs socat (apt-get install
                     socat); speed and parity mean nothing on it
  --port <n>         a TCP port in its place, which needs nothing; 0 takes any that is free
  --address <a>      where that listens, otherwise 127.0.0.1: this machine alone
  --interval <s>     how often it sends, in seconds; otherwise as often as a real one
  --seed <n>         another household, 1 by default; the same one has the same day
  --fault <faults>   what goes wrong, and how often: corruption=5%,silence=1%
                     corruption, truncation, noise, glue (two at once), silence, echo (of the head),
                     replay, wrong-encryption-key, wrong-authentication-key, unplug (for three seconds)

At a terminal single keys switch faults on and off while it runs.
Exit codes: 0 stopped, 69 there can be no such port, 64, 70 as always.
`;

/** How long an unplugged cable is out. */
const UNPLUGGED_MS = 3_000;

/**
 * Simulates a meter until told to stop.
 * @returns the exit code
 * @throws Failure its port cannot be made
 */
export async function simulateCommand(names: readonly string[], options: Options, context: CommandContext): Promise<number> {
  const [name = '', ...others] = names;
  const meter = Object.hasOwn(SIMULATED_METERS, name) ? SIMULATED_METERS[name] : undefined;
  if (!meter || others.length > 0) throw new UsageError(`name one meter of ${Object.keys(SIMULATED_METERS).join(', ')}`);
  const seed = numberOf('--seed', options.seed, { min: 0, max: 2 ** 31, whole: true }) ?? 1;
  const intervalS = numberOf('--interval', options.interval, { min: 0.05, max: 86_400 });
  const faults = new SimulatedFaults(parseFaults(text(options.fault), meter.faults), randomFrom(seed));
  const say = (message: string): void => {
    context.stdout(`${new Date(systemClock.now()).toTimeString().slice(0, 8)} ${message}\n`);
  };
  using scope = scopeOf(context.stop);
  const far = await openFarEnd(name, options, context.cwd, scope.signal);
  const cable = new Cable(faults, say);
  const serve = meter.create({
    faults,
    intervalMs: intervalS === undefined ? (meter.intervalMs ?? 0) : intervalS * 1_000,
    seed,
    strikes: (fault) => {
      cable.strike(fault);
    },
  });
  const keyboard = onKeys(context, (key) => {
    if (key === 'q') scope.abort();
    const switched = faults.press(key);
    if (switched) say(`${switched.fault} ${switched.on ? 'on' : 'off'}`);
  });
  try {
    context.stdout(introduction(meter, name, far.name, options.port !== undefined));
    if (context.screen?.()) context.stdout(keyHelp(faults));
    await cable.serve(far, serve, scope.signal);
  } catch (error) {
    throw asFailure(error);
  } finally {
    keyboard[Symbol.dispose]();
    await far.close();
  }
  return EXIT.ok;
}

async function openFarEnd(meter: string, { pty, port, address }: Options, cwd: string, signal: AbortSignal): Promise<FarEnd> {
  if (pty !== undefined && port !== undefined) throw new UsageError('--pty and --port exclude each other');
  const tcpPort = numberOf('--port', port, { min: 0, max: 65_535, whole: true });
  try {
    if (tcpPort !== undefined) {
      const { openTcpFarEnd } = await import('../transports/tcp-far-end.js');
      return await openTcpFarEnd({ host: text(address) ?? '127.0.0.1', port: tcpPort }, signal);
    }
    const { openPseudoTerminal } = await import('../transports/pseudo-terminal.js');
    return await openPseudoTerminal(resolve(cwd, text(pty) ?? `${meter}.tty`), signal);
  } catch (error) {
    throw asFailure(error, tcpPort === undefined ? '\n  A TCP port needs nothing: --port 2001' : '');
  }
}

/** A line that cannot be made, or made again, is nobody's bug. */
function asFailure(error: unknown, hint = ''): unknown {
  return error instanceof LinkError ? new Failure(EXIT.unavailable, `${error.message}${hint}`, { cause: error }) : error;
}

/** The cable between meter and reader, which can be unplugged. */
class Cable {
  readonly #faults: SimulatedFaults;
  readonly #say: (message: string) => void;
  #struck = false;
  #pulled: (() => void) | undefined;

  constructor(faults: SimulatedFaults, say: (message: string) => void) {
    this.#faults = faults;
    this.#say = say;
  }

  /** Tells of a fault, and does what is its own. */
  strike(fault: SimulatedFault): void {
    if (fault !== 'unplug') {
      this.#say(fault);
      return;
    }
    this.#struck = true;
    this.#pulled?.();
  }

  /** Lets readers come and go, one at a time, until `stop` aborts. */
  async serve(far: FarEnd, meter: (link: Link, stop: AbortSignal) => Promise<void>, stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      using scope = scopeOf(stop);
      this.#pulled = () => {
        scope.abort();
      };
      this.#faults.onChange(() => {
        if (this.#faults.isOn('unplug')) scope.abort();
      });
      await this.#serveOne(far, meter, scope.signal);
      this.#pulled = undefined;
      if (stop.aborted || !scope.signal.aborted) continue;
      await far.unplug();
      await unlessAborted(stop, this.#stayOut(stop));
    }
  }

  async #serveOne(far: FarEnd, meter: (link: Link, stop: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    let link: Link | undefined;
    try {
      link = await far.accept(signal);
      this.#say('a reader has come');
      await meter(link, signal);
    } catch (error) {
      if (!signal.aborted && !(error instanceof LinkError && link)) throw error;
    } finally {
      await link?.close();
    }
    if (link && !signal.aborted) this.#say('the reader has gone');
  }

  async #stayOut(stop: AbortSignal): Promise<void> {
    this.#say('unplugged');
    const isStruck = this.#struck && !this.#faults.isOn('unplug');
    this.#struck = false;
    if (isStruck) await systemClock.sleep(UNPLUGGED_MS, stop);
    while (this.#faults.isOn('unplug')) await this.#change(stop);
    this.#say('plugged in again');
  }

  /** Waits until a fault was switched. */
  async #change(stop: AbortSignal): Promise<void> {
    using scope = scopeOf(stop);
    let changed = false;
    this.#faults.onChange(() => {
      changed = true;
      scope.abort();
    });
    await systemClock.sleep(2 ** 30, scope.signal).catch((error: unknown) => {
      if (!changed) throw error;
    });
  }
}

function introduction(
  { title, client, secrets, intervalMs }: SimulatedMeter,
  name: string,
  where: string,
  isTcp: boolean,
): string {
  const [host, port] = [where.slice(0, where.lastIndexOf(':')), where.slice(where.lastIndexOf(':') + 1)];
  const link = isTcp ? `type = "tcp"\nhost = "${host}"\nport = ${port}` : `type = "serial"\npath = "${where}"`;
  const does = intervalMs === undefined ? 'It answers when it is asked.' : 'It sends by itself while somebody reads.';
  const keys =
    secrets === undefined ? '' : `\nIts keys, which are made up, in ${name}.secrets.toml:\n\n${indent(`[client]\n${secrets}`)}\n`;
  return `${title}, simulated at ${where}. ${does}

What finds out about it:   smart-meter-reader probe ${where}
What reads it, in ${name}.toml beside [device] and [sinks.homie]:

${indent(`[client]\n${client}\n[client.link]\n${link}`)}
${keys}
Ctrl-C ends it.
`;
}

function keyHelp({ known }: SimulatedFaults): string {
  return `Keys: ${known.map((fault) => `${FAULT_KEYS[fault]} ${fault}`).join(', ')}; q ends it.\n`;
}

function indent(lines: string): string {
  return lines.replaceAll(/^/gm, '    ');
}
