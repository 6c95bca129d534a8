import { resolve } from 'node:path';
import { systemClock } from '../../pipeline/clock.js';
import { isServiceRunning } from '../aside.js';
import { EXIT, Failure, UsageError, type CommandContext, type Options } from '../command.js';
import { count, numberOf, text } from '../options.js';
import { paintFor } from '../paint.js';
import { confirm } from '../confirm.js';
import { align } from './align.js';
import { environmentFiles, nextSteps, settingsFolder, usualName, writeFiles, type FoundMeter } from './environment.js';
import type { Finding, Place } from './finding.js';
import { look } from './look.js';
import { allPlaces, BY_ID, placeNamed } from './places.js';
import { describeFinding } from './report.js';

/** What `probe --help` says. */
export const HELP = `Finds out what is at a port: line settings, protocol, whether it is encrypted, which meter, and what it
sends how often. A P1 port is only listened to; a heat meter is asked for what can be read.

Usage:
  smart-meter-reader probe                      every adapter in ${BY_ID}
  smart-meter-reader probe <port>…              these: paths, or host:port
  smart-meter-reader probe --head <port>        shows live how well an infrared head sits

Options:
  --head               for a head that hears nothing yet: ask, again and again, until it sits well
  --seconds <n>        how long each line speed is listened to, 11 by default; with --head how long at
                       all, 300 by default
  --write <name>       write the settings of the meter that is found as environment <name>, without asking
  --settings <folder>  where to; otherwise ./settings if there is one, else /etc/smart-meter-reader
  --json               one JSON object a line for each port, and for each try of a head

A port at which nothing is heard takes about 40 s. Files that exist are never replaced; a skeleton for keys
is for its owner alone (0600). Colours only on a terminal, and not with NO_COLOR.
Exit codes: 0 a meter was found, 69 none, 73 the settings cannot be written, 64, 70 as always.
`;

const LISTEN_SECONDS = 11;
const ALIGN_SECONDS = 300;

/** Two weeks are for ever. */
const MAX_SECONDS = 86_400;

/**
 * Looks for meters.
 * @returns the exit code
 * @throws Failure there is no port, or the settings cannot be written
 */
export async function probeCommand(names: readonly string[], options: Options, context: CommandContext): Promise<number> {
  const seconds = numberOf('--seconds', options.seconds, { min: 0.1, max: MAX_SECONDS });
  const json = options.json === true;
  const places = names.length === 0 ? await allPlaces() : await Promise.all(names.map((each) => placeNamed(each, context.cwd)));
  const [first, ...others] = places;
  if (!first) throw noPort();
  if (options.head === true && others.length > 0) throw new UsageError('--head takes one port');
  const findings =
    options.head === true
      ? await alignAt(first, seconds ?? ALIGN_SECONDS, json, context)
      : await lookAtAll(places, seconds ?? LISTEN_SECONDS, json, context);
  const meters = findings.filter((finding) => finding.kind === 'p1' || finding.kind === 'kamstrup');
  if (!context.stop.aborted) await offer(meters, options, context);
  return meters.length > 0 ? EXIT.ok : EXIT.unavailable;
}

function noPort(): Failure {
  return new Failure(
    EXIT.unavailable,
    `there is no serial port: ${BY_ID} has none. Is the cable plugged in? \`dmesg | tail\` shows what the system says of it.
  A line at another host is named as host:port`,
  );
}

async function lookAtAll(places: readonly Place[], seconds: number, json: boolean, context: CommandContext): Promise<Finding[]> {
  if (!json) context.stderr(`Looking at ${count(places.length, 'port')}. What is silent takes a while; Ctrl-C ends it.\n`);
  const findings = await Promise.all(places.map((place) => lookAt(place, seconds, json, context)));
  const found = findings.filter((finding) => finding !== undefined);
  const heads = found.filter(({ kind }) => kind === 'head');
  const [head] = heads;
  // Somebody who sees it can move it.
  if (!head || heads.length > 1 || json || !context.screen?.()) return found;
  return [...found, ...(await alignAt(head.place, ALIGN_SECONDS, json, context))];
}

/** @returns undefined when it was stopped */
async function lookAt(place: Place, seconds: number, json: boolean, context: CommandContext): Promise<Finding | undefined> {
  const trying = (what: string): void => {
    if (!json) context.stderr(`${place.name}: ${what}\n`);
  };
  try {
    const finding = await look(place, { clock: systemClock, patienceMs: seconds * 1_000, trying }, context.stop);
    show(finding, json, context);
    return finding;
  } catch (error) {
    if (!context.stop.aborted) throw error;
    return undefined;
  }
}

async function alignAt(place: Place, seconds: number, json: boolean, context: CommandContext): Promise<Finding[]> {
  const meter = await align(place, { seconds, json }, context);
  if (meter) show(meter, json, context);
  return meter ? [meter] : [];
}

function show(finding: Finding, json: boolean, context: CommandContext): void {
  if (json) {
    context.stdout(`${JSON.stringify(finding)}\n`);
    return;
  }
  context.stdout(`\n${describeFinding(finding, paintFor(context))}`);
  const isBusy = finding.kind === 'nothing' && /another program/.test(finding.detail);
  if (isBusy) context.stdout(`  ${isServiceRunning('…')}\n`);
}

/** Offers to write settings where there is somebody to answer; writes them where that was told. */
async function offer(meters: readonly FoundMeter[], { write, settings, json }: Options, context: CommandContext): Promise<void> {
  const told = text(write);
  if (told !== undefined && meters.length !== 1)
    throw new Failure(
      EXIT.unavailable,
      `--write is for one meter, and ${meters.length === 0 ? 'none was' : `${meters.length} were`} found`,
    );
  if (told !== undefined && !/^[A-Za-z0-9_-]+$/.test(told))
    throw new UsageError('--write takes a name of letters, digits, - and _');
  const folder = settings === undefined ? await settingsFolder(context.cwd) : resolve(context.cwd, text(settings) ?? '');
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  for (const meter of meters) {
    const name = told ?? usualName(meter);
    const files = environmentFiles(name, meter, timeZone === 'UTC' ? undefined : timeZone);
    const question = `\nWrite ${files.map((file) => file.name).join(' and ')} for it into ${folder}?`;
    const wanted = told !== undefined || (json !== true && (await confirm(question, context)));
    if (wanted) {
      await writeFiles(folder, files);
      if (json !== true)
        context.stdout(
          `\nWritten into ${folder}: ${files.map((file) => file.name).join(', ')}. Next:\n${nextSteps(name, folder, settings === undefined, files)}`,
        );
    } else if (json !== true)
      context.stdout(
        `\nTo have its settings written: --write ${name}. Then:\n${nextSteps(name, folder, settings === undefined, files)}`,
      );
  }
}
