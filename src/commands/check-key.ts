import { parseApdu } from '../codecs/dlms/ciphering.js';
import { checkKeys, type KeyReport, type WrittenKeys } from '../codecs/p1/check-keys.js';
import { findFrames, type FoundFrame } from '../codecs/p1/find.js';
import { printTitle } from '../codecs/p1/frame.js';
import type { QueueItem } from '../model/reading.js';
import { scopeOf, systemClock, within } from '../pipeline/clock.js';
import { variableOf } from '../settings/written.js';
import { bytesOf } from '../transports/edit-capture.js';
import { DEAF, type Tap } from '../transports/tap.js';
import { environmentWithLine, isServiceRunning, runAside } from './aside.js';
import { SILENT } from './check.js';
import { readCapture } from './capture-file.js';
import { EXIT, Failure, UsageError, type CommandContext, type Options } from './command.js';
import { keyTexts, type KeyTexts } from './key-texts.js';
import { secondsOf, text } from './options.js';
import { appOptions } from './run.js';

/** What `check-key --help` says. */
export const HELP = `Says of both keys of a meter whether they are right, by an encrypted frame of it: which one is wrong,
whether they are swapped, or what slip would explain it (a wrong, missing or swapped digit, an O for a 0,
a reversed order …). The keys are never shown.

Usage:
  smart-meter-reader check-key <environment>                    waits for a frame from its meter
  smart-meter-reader check-key <environment> --capture <file>   takes the frames of a recording
  smart-meter-reader check-key --capture <file>                 asks for the keys

Options:
  --capture <file>   what "record" wrote, or a dump: the bytes themselves or their hexadecimal digits;
                     "-" is the standard input
  --seconds <n>      how long to wait for a frame, 60 by default
  --ask              ask for the keys, also where the settings hold some

The encryption key is right when a telegram comes out whose CRC16 fits; then the authentication key is
right when the tag of the frame fits. Keys are those of the settings, whatever "check" has against them;
where there are none, they are asked for and not shown while they are typed.
Exit codes: 0 the keys are right, 1 one is not, 65 the file holds no encrypted frame, 66 it cannot be
read, 69 no encrypted frame was heard, or none intact, 64, 70, 78 as always.
`;

/** How long a frame is waited for: the slowest meters send one a minute. */
const PATIENCE_SECONDS = 60;

/** Frames after which the verdict stands: a damaged one must not decide. */
const ENOUGH_FRAMES = 3;

/** What is kept of what was heard: a few of the longest frames. */
const MAX_HEARD_BYTES = 65_536;

/**
 * Says whether the keys of a meter are right.
 * @returns the exit code
 * @throws Failure there is nothing to check them by
 */
export async function checkKeyCommand(names: readonly string[], options: Options, context: CommandContext): Promise<number> {
  const [name, ...others] = names;
  const capture = text(options.capture);
  if (others.length > 0) throw new UsageError('name one environment');
  if (name === undefined && capture === undefined) throw new UsageError('name an environment, or a recording with --capture');
  const directory = text(options.settings);
  const keys = await keyTexts(name, directory, context, options.ask === true);
  const heard =
    capture === undefined
      ? await listen(name ?? '', directory, secondsOf(options.seconds) ?? PATIENCE_SECONDS, keys, context)
      : bytesOf(await readCapture(capture, context), 'from');
  const frames = apdusIn(heard);
  const [first] = frames;
  if (!first) throw nothingToCheck(heard, capture);
  const report = checkKeys(frames, keys);
  context.stdout(describe(printTitle(parseApdu(first).systemTitle), report, keys));
  return exitCodeOf(report);
}

function apdusIn(heard: Uint8Array): Uint8Array[] {
  return findFrames(heard)
    .filter(({ kind }) => kind === 'apdu')
    .slice(-ENOUGH_FRAMES)
    .map(({ start, end }: FoundFrame) => heard.subarray(start, end));
}

/** Has the environment's client listen until the keys are known to be right, or enough frames were heard. */
async function listen(
  name: string,
  directory: string | undefined,
  seconds: number,
  keys: WrittenKeys,
  context: CommandContext,
): Promise<Uint8Array> {
  const environment = await environmentWithLine([name], directory, { ...context, env: withSoundKeys(keys, context.env) });
  let heard: Uint8Array = new Uint8Array();
  let judged = 0;
  let refusal: string | undefined;
  using enough = scopeOf(context.stop);
  const tap: Tap = {
    ...DEAF,
    heard: (bytes) => {
      heard = Buffer.concat([heard, bytes]).subarray(-MAX_HEARD_BYTES);
      const frames = apdusIn(heard);
      if (frames.length === judged) return;
      judged = frames.length;
      if (judged === ENOUGH_FRAMES || exitCodeOf(checkKeys(frames, keys)) === EXIT.ok) enough.abort();
    },
  };
  const observe = (item: QueueItem): void => {
    if (item.kind !== 'health' || item.state !== 'failing' || heard.length > 0) return;
    refusal = item.detail;
    enough.abort();
  };
  const aside = { link: { ...environment.link, tap }, sinks: 'drop', observe } as const;
  const options = { ...appOptions(context), log: () => SILENT };
  context.stderr(`Listening for an encrypted frame, for ${seconds} s at the most.\n`);
  await within(systemClock, seconds * 1_000, enough.signal, (stop) =>
    runAside(environment, aside, options, { stop, deadline: context.deadline }),
  );
  if (refusal !== undefined) throw new Failure(EXIT.unavailable, `${refusal}\n  ${isServiceRunning(name)}`);
  return heard;
}

/** Keys of which only the form is right, so that the settings around them are valid whatever is wrong with the real ones. */
function withSoundKeys({ authentication }: WrittenKeys, env: CommandContext['env']): CommandContext['env'] {
  const sound = '0'.repeat(32);
  return {
    ...env,
    [variableOf(['client', 'encryption_key'])]: sound,
    ...(authentication !== undefined && { [variableOf(['client', 'authentication_key'])]: sound }),
  };
}

function nothingToCheck(heard: Uint8Array, capture: string | undefined): Failure {
  const [telegram] = findFrames(heard);
  const where = capture === undefined ? 'the meter sends' : `${capture} holds`;
  if (telegram) return new Failure(EXIT.no, `${where} telegrams that are not encrypted: remove the keys from the settings`);
  if (capture !== undefined) return new Failure(EXIT.data, `${capture} holds no encrypted frame`);
  const what = heard.length === 0 ? 'nothing was heard' : `${heard.length} bytes were heard, and no encrypted frame among them`;
  return new Failure(EXIT.unavailable, `${what}: is the cable in, and the customer interface of the meter switched on?`);
}

function describe(meter: string, { encryption, authentication }: KeyReport, { source }: KeyTexts): string {
  const where = source === undefined ? 'as typed' : `in ${source}`;
  return `Meter ${meter}, keys ${where}:
  encryption_key (GUEK)      ${encryption.detail}
  authentication_key (GAK)   ${authentication.detail}
`;
}

function exitCodeOf({ encryption, authentication }: KeyReport): number {
  const verdicts = [encryption.verdict, authentication.verdict];
  if (verdicts.some((verdict) => verdict === 'mistaken' || verdict === 'wrong')) return EXIT.no;
  return verdicts.includes('unknown') ? EXIT.unavailable : EXIT.ok;
}
