import type { QueueItem } from '../model/reading.js';
import { systemClock } from '../pipeline/clock.js';
import { ReplayClock } from '../pipeline/replay-clock.js';
import { parseSpeed } from '../settings/formats.js';
import { startOf } from '../transports/capture.js';
import { DEAF } from '../transports/tap.js';
import { environmentWithLine, runAside } from './aside.js';
import { readCapture } from './capture-file.js';
import { EXIT, Failure, UsageError, type CommandContext, type Options } from './command.js';
import { count, text } from './options.js';
import { appOptions } from './run.js';
import { printJson, Report } from './tell.js';
import { resolve } from 'node:path';

/** What `replay --help` says. */
export const HELP = `Shows what the settings of an environment make of a recording: its line is replaced by the file, all
else is as in "run". The state of the environment is neither used nor changed.

Usage:
  smart-meter-reader replay <environment> <file> [--speed <n>] [--json]
  smart-meter-reader replay <environment> <file> --publish [--speed <n>]

Options:
  --speed <n>   how many times faster than it was recorded, such as 1 or 100; "max", the default,
                does not wait at all. With --publish the default is 1
  --json        one JSON object a line in place of text: readings, faults and states as they come
  --publish     hand the readings to the environment's sinks instead of showing them

The file is what "record" wrote, or a dump: the bytes themselves or their hexadecimal digits.
An environment can also run from a recording for good: type = "replay" in [client.link].
Exit codes: 0 there was a reading, 65 there was none or the file is no recording, 66 it cannot be read,
64, 70, 78 as always.
`;

/**
 * Runs the pipeline of an environment on a recording.
 * @returns the exit code
 * @throws Failure the file cannot be read or gives no reading
 */
export async function replayCommand(
  names: readonly string[],
  { settings: directory, speed, publish, json }: Options,
  context: CommandContext,
): Promise<number> {
  const [name, file, ...others] = names;
  if (name === undefined || file === undefined || others.length > 0) throw new UsageError('name an environment and a file');
  const factor = speedOf(text(speed), publish === true);
  const environment = await environmentWithLine([name], text(directory), context);
  const capture = await readCapture(file, context);
  const show = json === true ? printJson : new Report().print;
  const seen = { readings: 0, faults: 0, end: '' };
  const observe = (item: QueueItem): void => {
    if (item.kind === 'reading') seen.readings++;
    if (item.kind === 'fault') seen.faults++;
    if (publish !== true) context.stdout(show(item));
  };
  const clock = publish === true ? undefined : new ReplayClock(startOf(capture) ?? systemClock.now(), factor);
  const tap = {
    ...DEAF,
    opening: () => clock?.hold(),
    opened: () => clock?.release(),
    ended: (reason: string) => {
      seen.end = reason;
    },
  };
  // What kind of meter is at the line stays. By a clock that goes faster the recording does not.
  const link = {
    ...environment.link,
    type: 'replay',
    path: resolve(context.cwd, file),
    speed: clock ? 1 : factor,
    loop: false,
    tap,
  };
  const options = { ...appOptions(context), ...(clock && { clock }) };
  await runAside(environment, { link, sinks: publish === true ? 'keep' : 'drop', observe }, options, context);
  const summary = `${count(seen.readings, 'reading')}, ${count(seen.faults, 'fault')}`;
  if (seen.readings === 0 && !context.stop.aborted) throw new Failure(EXIT.data, `no reading in ${file}: ${summary}`);
  context.stderr(`${summary}\n`);
  return EXIT.ok;
}

function speedOf(speed: string | undefined, publish: boolean): number {
  if (speed === undefined) return publish ? 1 : Infinity;
  const factor = parseSpeed(speed === 'max' ? speed : Number(speed));
  if (factor === undefined) throw new UsageError('--speed takes a number such as 1 or 100, or max');
  return factor;
}
