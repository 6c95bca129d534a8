import { resolve } from 'node:path';
import type { QueueItem } from '../model/reading.js';
import { scopeOf, systemClock, within } from '../pipeline/clock.js';
import type { Tap } from '../transports/tap.js';
import { environmentWithLine, isServiceRunning, runAside } from './aside.js';
import { CaptureFile } from './capture-file.js';
import { EXIT, Failure, type CommandContext, type Options } from './command.js';
import { count, secondsOf, text } from './options.js';
import { appOptions } from './run.js';

/** What `record --help` says. */
export const HELP = `Records what comes from the meter of an environment, with the time of every byte, while it is read as
usual; a meter that has to be asked is asked. Nothing is published. The port must be free: stop the
service first.

Usage:
  smart-meter-reader record <environment> [--seconds <n>] [--output <file>]

Options:
  --seconds <n>         how long; otherwise until Ctrl-C
  -o, --output <file>   otherwise <environment>-<date>-<time>.capture in this folder

The file is text, for its owner alone (mode 0600). An encrypted recording holds no keys; what is in an
unencrypted one everybody can read who has it: "anonymise" makes one that can be shown.
Exit codes: 0 recorded, 69 nothing was heard, 73 the file cannot be written, 64, 70, 78 as always.
`;

/**
 * Records the line of an environment.
 * @returns the exit code
 * @throws Failure nothing was heard, or the file cannot be written
 */
export async function recordCommand(
  names: readonly string[],
  { settings: directory, seconds, output }: Options,
  context: CommandContext,
): Promise<number> {
  const lasting = secondsOf(seconds);
  const environment = await environmentWithLine(names, text(directory), context);
  const { name, link, client } = environment;
  const path = text(output) ?? `${name}-${fileStamp(systemClock.now())}.capture`;
  const file = await CaptureFile.create(resolve(context.cwd, path));
  const recording = new Recording(file, { 'recorded-by': context.implementation, client: client.type });
  using scope = scopeOf(context.stop);
  context.stdout(`Recording ${name} ${lasting === undefined ? 'until Ctrl-C' : `for ${lasting} s`}.\n`);
  const observe = (item: QueueItem): void => {
    recording.observe(item);
    if (recording.refusal !== undefined) scope.abort();
  };
  const aside = { link: { ...link, tap: recording }, sinks: 'drop', observe } as const;
  const listen = (stop: AbortSignal): Promise<void> =>
    runAside(environment, aside, appOptions(context), { stop, deadline: context.deadline });
  try {
    await (lasting === undefined ? listen(scope.signal) : within(systemClock, lasting * 1_000, scope.signal, listen));
    if (recording.bytes === 0) throw nothingHeard(name, recording.refusal);
  } catch (error) {
    await file.drop();
    throw error;
  }
  await file.complete();
  context.stdout(recording.summary(path, name));
  return EXIT.ok;
}

function nothingHeard(name: string, refusal: string | undefined): Failure {
  if (refusal === undefined) return new Failure(EXIT.unavailable, 'nothing was heard from the meter; no file is written');
  return new Failure(EXIT.unavailable, `${refusal}\n  ${isServiceRunning(name)}`);
}

class Recording implements Tap {
  readonly #file: CaptureFile;
  readonly #header: Readonly<Record<string, string>>;
  #startedAt = 0;
  #line: string | undefined;
  #readings = 0;
  #faults = 0;
  /** From the meter. */
  bytes = 0;
  /** Why the line cannot be opened at all. */
  refusal: string | undefined;

  constructor(file: CaptureFile, header: Readonly<Record<string, string>>) {
    this.#file = file;
    this.#header = header;
  }

  opening(): void {
    // What counts is whether it comes to be.
  }

  opened(line: string | undefined): void {
    if (line === undefined || line === this.#line) return;
    if (this.#line !== undefined) this.#file.addRemark(`line: ${line}`);
    else {
      this.#startedAt = systemClock.monotonic();
      this.#file.begin({ ...this.#header, started: new Date(systemClock.now()).toISOString(), line });
    }
    this.#line = line;
  }

  heard(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    this.#file.add({ atMs: this.#elapsedMs, direction: 'from', bytes });
  }

  sent(bytes: Uint8Array): void {
    this.#file.add({ atMs: this.#elapsedMs, direction: 'to', bytes });
  }

  ended(): void {
    // The end of a recording that is recorded ends this one too.
  }

  observe(item: QueueItem): void {
    if (item.kind === 'reading') this.#readings++;
    else if (item.kind === 'fault') this.#faults++;
    else if (item.state === 'failing' && this.#line === undefined) this.refusal = item.detail;
  }

  summary(path: string, name: string): string {
    const seconds = Math.round(this.#elapsedMs / 1_000);
    return `Recorded ${this.bytes} bytes in ${seconds} s to ${path}: ${count(this.#readings, 'reading')}, ${count(this.#faults, 'fault')}.
  to see what comes of it:   smart-meter-reader replay ${name} ${path}
  before you show it:        smart-meter-reader anonymise ${path} --environment ${name}
`;
  }

  get #elapsedMs(): number {
    return systemClock.monotonic() - this.#startedAt;
  }
}

/** A moment as part of a file's name, UTC. */
function fileStamp(now: number): string {
  return new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}
