import type { QueueItem } from '../../model/reading.js';
import { LinkError } from '../../model/errors.js';
import { scopeOf, systemClock, within } from '../../pipeline/clock.js';
import type { EnvironmentSettings } from '../../settings/load-settings.js';
import { DEAF } from '../../transports/tap.js';
import { isServiceRunning, runAside } from '../aside.js';
import { SILENT } from '../check.js';
import { EXIT, Failure, UsageError, type CommandContext, type Options } from '../command.js';
import { homieOf } from '../describe.js';
import { onKeys } from '../keyboard.js';
import { numberOf, text } from '../options.js';
import { paintFor } from '../paint.js';
import { appOptions, settingsOf } from '../run.js';
import { printJson, printValue, Report } from '../tell.js';
import { Board } from './board.js';
import { followDevice } from './broker.js';
import { Display } from './display.js';

/** What `watch --help` says. */
export const HELP = `Shows the readings of an environment as they come: values, units, how old they are, how fast totals
grow, how many telegrams were damaged. Publishes nothing.

Usage:
  smart-meter-reader watch <environment>            reads the meter itself: its port must be free
  smart-meter-reader watch <environment> --broker   what its service publishes, by the broker

Options:
  --broker        the Homie topics of [sinks.homie], as they are on the broker
  --once          one picture as soon as there are values, then end
  --seconds <n>   how long; otherwise until q or Ctrl-C
  --json          one JSON object a line: readings, faults and states, or with --broker values

On a terminal one picture is drawn anew in its place; elsewhere what has changed is told in lines.
Exit codes: 0 there were values, 69 there were none, or the port or the broker cannot be reached,
64, 70, 78 as always.
`;

const MAX_SECONDS = 14 * 86_400;

/** A picture is complete so long after its first value: what else belongs to it comes right behind. */
const COMPLETE_MS = 400;

/**
 * Shows the readings of an environment.
 * @returns the exit code
 * @throws Failure there were none
 */
export async function watchCommand(names: readonly string[], options: Options, context: CommandContext): Promise<number> {
  const [name, ...others] = names;
  if (name === undefined || others.length > 0) throw new UsageError('name one environment');
  const seconds = numberOf('--seconds', options.seconds, { min: 0.1, max: MAX_SECONDS });
  const [settings] = await settingsOf([name], text(options.settings), context);
  if (!settings) throw new UsageError(`there is no environment ${name}`);
  using scope = scopeOf(context.stop);
  const watch = options.broker === true ? watchBroker : watchMeter;
  const keyboard = onKeys(context, (key) => {
    if (key === 'q') scope.abort();
  });
  try {
    const done = (): void => {
      scope.abort();
    };
    const work = (stop: AbortSignal): Promise<boolean> => watch({ settings, options, context, done }, stop);
    const heard =
      seconds === undefined ? await work(scope.signal) : await within(systemClock, seconds * 1_000, scope.signal, work);
    return heard === false ? EXIT.unavailable : EXIT.ok;
  } finally {
    keyboard[Symbol.dispose]();
  }
}

/** What is watched, how it is shown, and who is told that a single picture is complete. */
interface Watching {
  readonly settings: EnvironmentSettings;
  readonly options: Options;
  readonly context: CommandContext;
  readonly done: () => void;
}

/** @returns whether there were values */
async function watchMeter({ settings, options, context, done }: Watching, stop: AbortSignal): Promise<boolean> {
  const { link } = settings.client.settings as { readonly link?: object };
  const board = new Board({ title: titleOf(settings), source: sourceOf(settings) });
  const tell = options.json === true ? printJson : new Report().print;
  using scope = scopeOf(stop);
  const display = displayOf(board, options, context, done);
  let opened = link === undefined;
  let refusal: string | undefined;
  const observe = (item: QueueItem): void => {
    board.observe(item, systemClock.monotonic());
    if (display) display.changed();
    else context.stdout(tell(item));
    if (opened || item.kind !== 'health' || item.state !== 'failing') return;
    refusal = item.detail;
    scope.abort();
  };
  const tap = {
    ...DEAF,
    opened: (line: string | undefined) => {
      opened ||= line !== undefined;
    },
  };
  const app = { ...appOptions(context), ...(display && { log: () => SILENT }) };
  const drawing = display?.run(scope.signal);
  try {
    await runAside(settings, { link: { ...link, tap }, sinks: 'drop', observe }, app, {
      stop: scope.signal,
      deadline: context.deadline,
    });
  } finally {
    scope.abort();
    await drawing;
  }
  if (refusal !== undefined) {
    const other = `What it publishes: smart-meter-reader watch ${settings.name} --broker`;
    throw new Failure(EXIT.unavailable, `${refusal}\n  ${isServiceRunning(settings.name)}\n  ${other}`);
  }
  return board.hasValues;
}

/** @returns whether there were values */
async function watchBroker({ settings, options, context, done }: Watching, stop: AbortSignal): Promise<boolean> {
  const homie = homieOf(settings);
  const board = new Board({ title: titleOf(settings), source: homie.mqtt.url });
  using scope = scopeOf(stop);
  const display = displayOf(board, options, context, done);
  const units = new Map<string, string>();
  const say = (what: Readonly<Record<string, unknown>>, words: string): void => {
    display?.changed();
    if (display) return;
    const at = new Date(systemClock.now()).toISOString();
    context.stdout(options.json === true ? `${JSON.stringify({ ...what, at })}\n` : `${at} ${words}\n`);
  };
  const drawing = display?.run(scope.signal);
  try {
    await followDevice(
      homie,
      settings.device.id,
      {
        value: (path, value, stored) => {
          board.value(path, value, stored ? undefined : systemClock.monotonic());
          if (path === 'meter/status' && value !== 'ok') board.state('alert', printValue(value));
          say({ kind: 'value', path, value, stored }, `${path} ${printValue(value)} ${units.get(path) ?? ''}`.trimEnd());
        },
        unit: (path, unit) => {
          units.set(path, unit);
          board.unit(path, unit);
        },
        state: (state, detail) => {
          board.state(state, detail);
          say({ kind: 'state', state, detail }, detail === '' ? `$state ${state}` : `${state}: ${detail}`);
        },
      },
      scope.signal,
    );
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    throw new Failure(EXIT.unavailable, error.message, { cause: error });
  } finally {
    scope.abort();
    await drawing;
  }
  return board.hasValues;
}

/** What draws a picture; undefined where lines are told. */
function displayOf(board: Board, { json, once }: Options, context: CommandContext, done: () => void): Display | undefined {
  const screen = context.screen?.();
  if (json === true || (once !== true && !screen)) return undefined;
  return new Display({
    board,
    clock: systemClock,
    write: context.stdout,
    // A picture that goes elsewhere has room for all.
    screen: () =>
      once === true ? { columns: screen?.columns ?? 120, rows: Infinity } : (context.screen?.() ?? { columns: 80, rows: 24 }),
    paint: paintFor(context),
    ...(once === true && { onceAfterMs: COMPLETE_MS }),
    done,
  });
}

function titleOf({ name, device }: EnvironmentSettings): string {
  return `${name} · ${device.name}`;
}

function sourceOf({ client }: EnvironmentSettings): string {
  const { link } = client.settings as { readonly link?: { type?: string; path?: string; host?: string; port?: number } };
  if (!link) return `a meter of type ${client.type}`;
  return link.type === 'tcp' ? `${link.host ?? ''}:${link.port ?? ''}` : (link.path ?? '');
}
