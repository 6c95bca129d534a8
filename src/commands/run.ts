import { homedir } from 'node:os';
import { join } from 'node:path';
import { prepare, run, type AppOptions, type Environment } from '../app.js';
import { CLIENTS } from '../clients/index.js';
import { openLog } from '../logging.js';
import { LinkError, stackOf } from '../model/errors.js';
import { scopeOf, systemClock } from '../pipeline/clock.js';
import { Ledger } from '../pipeline/figures.js';
import { claim, type Claim } from '../pipeline/owner.js';
import { isSystemError } from '../pipeline/system-error.js';
import { isJournal } from '../service/journal.js';
import { openService } from '../service/open-service.js';
import { loadSettings, type EnvironmentSettings } from '../settings/load-settings.js';
import { SINKS } from '../sinks/index.js';
import { MQTT_SETTINGS } from '../transports/mqtt-settings.js';
import { EXIT, Failure, UsageError, type CommandContext } from './command.js';

/**
 * Reads the meters of the environments until told to stop.
 * @param names the environments; none: the one in `$SMART_METER_ENVIRONMENT`
 * @param directory the settings folder, where it was given
 * @returns the exit code
 * @throws ConfigError with every problem of the settings, before anything is connected
 */
export async function runCommand(
  names: readonly string[],
  directory: string | undefined,
  context: CommandContext,
): Promise<number> {
  const { SMART_METER_ENVIRONMENT: chosen = '' } = context.env;
  if (names.length === 0 && chosen === '') throw new UsageError('no environment given: name one, or set SMART_METER_ENVIRONMENT');
  return runEnvironments(await settingsOf(names.length > 0 ? names : [chosen], directory, context), context);
}

/**
 * The settings of environments that are to run together.
 * @param unreadableSecrets whether a secrets file that this process may not read is a problem
 * @throws ConfigError with every problem of them
 */
export function settingsOf(
  names: readonly string[],
  directory: string | undefined,
  { cwd, env }: Pick<CommandContext, 'cwd' | 'env'>,
  unreadableSecrets: 'refuse' | 'excuse' = 'refuse',
): Promise<readonly EnvironmentSettings[]> {
  return loadSettings({
    names,
    directory,
    cwd,
    env,
    kinds: { clients: CLIENTS, sinks: SINKS },
    shared: { mqtt: MQTT_SETTINGS },
    unreadableSecrets,
  });
}

/**
 * Runs environments until told to stop.
 * @returns the exit code
 * @throws ConfigError when a component finds that its settings cannot be used together
 * @throws Failure when another process runs one of them
 */
export async function runEnvironments(settings: readonly EnvironmentSettings[], context: CommandContext): Promise<number> {
  const options = appOptions(context);
  const claims: Claim[] = [];
  try {
    for (const { name } of settings) claims.push(...(await claimState(name, options)));
    return await runPrepared(await prepare(settings, options), options, context);
  } finally {
    await Promise.all(claims.map((each) => each.release()));
  }
}

/** Keeps the state and the spool of an environment from another process, which would take away what waits there. */
async function claimState(name: string, { stateDirectory }: AppOptions): Promise<readonly Claim[]> {
  try {
    return [await claim(join(stateDirectory, `${name}.pid`), `the state of ${name}`)];
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    // Where nothing can be written, there is nothing to keep; the state itself tells of it.
    if (isSystemError(error.cause)) return [];
    const remedy = `Stop that one first; where it is the service: systemctl stop smart-meter-reader@${name}`;
    throw new Failure(EXIT.unavailable, `${error.message}\n  ${remedy}`, { cause: error });
  }
}

async function runPrepared(environments: readonly Environment[], options: AppOptions, context: CommandContext): Promise<number> {
  const { clock, log } = options;
  const names = environments.map(({ name }) => name);
  const service = openService(context.env, { environments: names, clock, log: log('systemd', 'info') });
  using ended = scopeOf(context.stop);
  const serving = service?.run(ended.signal);
  const outside = { readings: context.readings, ...(service && { supervisor: service }) };
  try {
    await run(environments, { ...options, ...outside }, context.stop, context.deadline);
    return EXIT.ok;
  } catch (error) {
    context.stderr(`no meter can be read any more: ${stackOf(error)}\n`);
    return EXIT.software;
  } finally {
    ended.abort();
    await serving;
  }
}

/** What the app runs with in a real process. */
export function appOptions({ env, implementation }: Pick<CommandContext, 'env' | 'implementation'>): AppOptions {
  return {
    clock: systemClock,
    random: Math.random,
    log: openLog(isJournal(env.JOURNAL_STREAM)),
    stateDirectory: stateDirectoryOf(env),
    ...runtimeDirectoryOf(env),
    implementation,
    figures: new Ledger(),
  };
}

/** `$RUNTIME_DIRECTORY` as systemd sets it (the first, where it sets several), else the user's runtime folder of the XDG Base Directory Specification. */
function runtimeDirectoryOf(env: CommandContext['env']): Pick<AppOptions, 'runtimeDirectory'> {
  const [fromSystemd] = (env.RUNTIME_DIRECTORY ?? '').split(':');
  if (fromSystemd) return { runtimeDirectory: fromSystemd };
  return env.XDG_RUNTIME_DIR ? { runtimeDirectory: join(env.XDG_RUNTIME_DIR, 'smart-meter-reader') } : {};
}

/** `$STATE_DIRECTORY` as systemd sets it (the first, where it sets several), else the user's state folder of the XDG Base Directory Specification. */
function stateDirectoryOf(env: CommandContext['env']): string {
  const [fromSystemd] = (env.STATE_DIRECTORY ?? '').split(':');
  if (fromSystemd) return fromSystemd;
  return join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'smart-meter-reader');
}
