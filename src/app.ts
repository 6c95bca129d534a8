import { join } from 'node:path';
import { CLIENTS } from './clients/index.js';
import type { LogFor } from './logging.js';
import { scale } from './model/decimal.js';
import { ConfigError, type Problem } from './model/errors.js';
import type { Clock, Logger } from './model/ports.js';
import type { Client } from './pipeline/client.js';
import { collect, type Envelope } from './pipeline/collect.js';
import { deliver } from './pipeline/deliver.js';
import { fanOut, type Outlet } from './pipeline/fan-out.js';
import { Deliveries, type Ledger, type Place } from './pipeline/figures.js';
import { everyMailbox, latestMailbox, type Mailbox } from './pipeline/mailbox.js';
import { Meter } from './pipeline/meter.js';
import type { Limits } from './pipeline/plausibility.js';
import { Queue } from './pipeline/queue.js';
import { readNow } from './pipeline/read-now.js';
import type { HistorySink, Sink, SinkContext, SinkKind } from './pipeline/sink.js';
import { openHistories, type OpenHistories } from './pipeline/spool/histories.js';
import { FileState } from './pipeline/state.js';
import { observed, type Supervisor } from './pipeline/supervisor.js';
import type { EnvironmentSettings, SinkSettings } from './settings/load-settings.js';
import { SINKS } from './sinks/index.js';

/** The fan-out empties the queue at once; this bounds what a burst of all meters can pile up before it. */
const QUEUE_ITEMS = 1_000;
/** What an `every` sink may fall behind before its oldest items are dropped. */
const MAILBOX_ITEMS = 10_000;
const BATCH_ITEMS = 500;

/** What the program is run with: everything from outside that its parts need. */
export interface AppOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: LogFor;
  /** The folder in which each environment keeps its state. */
  readonly stateDirectory: string;
  /** A folder in memory that outlives the process; without one, what would be there wears the disk of the state. */
  readonly runtimeDirectory?: string;
  /** The program's name and version. */
  readonly implementation: string;
  /** Dispatches a `request` when the meters are to be read now. */
  readonly readings?: EventTarget;
  readonly supervisor?: Supervisor;
  /** Where all that is counted can be seen. */
  readonly figures: Ledger;
}

/** One meter with its sinks, ready to run. Nothing is connected yet. */
export interface Environment {
  readonly name: string;
  readonly meter: Meter;
  readonly client: Client;
  readonly log: Logger;
  readonly state: FileState;
  readonly sinks: readonly PreparedSink[];
  readonly spool: EnvironmentSettings['spool'];
}

interface PreparedSink {
  /** The environment that it is of; none where all share it. */
  readonly environment?: string;
  readonly settings: SinkSettings;
  readonly kind: SinkKind;
  readonly log: Logger;
  /** Makes the sink for a device; the only one, or that of the environment's own device, is made beforehand, so that its settings are known to be good. */
  readonly create: (device: SinkContext['device']) => Sink;
}

/**
 * Makes clients and sinks of valid settings; connects to nothing.
 * @throws ConfigError with all that clients and sinks have against values that are valid one by one
 */
export async function prepare(
  environments: readonly EnvironmentSettings[],
  options: AppOptions,
): Promise<readonly Environment[]> {
  const problems: Problem[] = [];
  const prepared: Environment[] = [];
  const shared = new Map<string, PreparedSink>();
  for (const settings of environments) {
    const environment = await prepareEnvironment(settings, options, shared, problems);
    if (environment) prepared.push(environment);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return prepared;
}

/**
 * Runs the environments until `stop` aborts, or no client can run any more. Stopping follows the data: clients end, the queue drains, the sinks are
 * closed; whatever is not done by `deadline` is left.
 * @throws what the last client died of, when all have died
 */
export async function run(
  environments: readonly Environment[],
  options: AppOptions,
  stop: AbortSignal,
  deadline: AbortSignal,
): Promise<void> {
  const { supervisor } = options;
  const queue = new Queue<Envelope>(QUEUE_ITEMS, supervisor?.pulse.watch('what the meters say is not handed on'));
  options.figures.enterQueue(queue);
  const deliveries: Promise<void>[] = [];
  const kept = new AbortController();
  const started = (delivery: Promise<void>): number => deliveries.push(delivery);
  const histories = new Map(
    environments.map((environment) => [environment, historiesOf(environment, options, started, deadline)]),
  );
  const states = environments.map(({ state }) => state.keep(kept.signal));
  const spools = [...histories.values()].map((history) => history?.spool.keep(kept.signal));
  const sinks = new Set(environments.flatMap((environment) => environment.sinks.filter((sink) => !isHistory(sink))));
  const outletOfSink = new Map([...sinks].map((sink) => [sink, outletOf(sink, options, started, deadline)]));
  const outlets = new Map(
    environments.map((environment) => [
      environment.name,
      [
        ...environment.sinks.flatMap((sink) => outletOfSink.get(sink) ?? []),
        ...[histories.get(environment)?.outlet ?? []].flat(),
        ...(supervisor ? [observed(environment.name, supervisor)] : []),
      ],
    ]),
  );
  const fanning = fanOut(queue, outlets, deadline);
  try {
    await collectAll(environments, queue, options, stop);
  } finally {
    queue.close();
    await fanning.catch(unlessPast(deadline));
    await Promise.all(deliveries);
    kept.abort();
    await Promise.all([...states, ...spools]);
  }
}

async function collectAll(
  environments: readonly Environment[],
  queue: Queue<Envelope>,
  { clock, random, readings, supervisor }: AppOptions,
  stop: AbortSignal,
): Promise<void> {
  const ends = await Promise.allSettled(
    environments.map(async ({ name, client, meter, log }) => {
      readings?.addEventListener('request', readNow(client, clock, log), { signal: stop });
      const ending = supervisor?.pulse.watch(`the client of ${name} is silent and does not end`);
      try {
        await collect({ environment: name, client, meter, queue, clock, random, log, ...(ending && { ending }) }, stop);
      } catch (error) {
        log.error('the client is given up: it keeps crashing');
        throw error;
      }
    }),
  );
  const failures = ends.filter((end) => end.status === 'rejected');
  if (failures.length === ends.length && failures[0]) throw failures[0].reason;
}

async function prepareEnvironment(
  settings: EnvironmentSettings,
  options: AppOptions,
  shared: Map<string, PreparedSink>,
  problems: Problem[],
): Promise<Environment | undefined> {
  const { clock, random, implementation } = options;
  const { name, device } = settings;
  const log = options.log(name, settings.log.level);
  const state = await FileState.open(join(options.stateDirectory, `${name}.json`), clock, log);
  const collectProblems = <T>(make: () => T): T | undefined => {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems.map((problem) => ({ ...problem, source: problem.source || `${name}.toml` })));
      return undefined;
    }
  };

  const clientKind = await CLIENTS[settings.client.type as keyof typeof CLIENTS]();
  const countLost = (telegrams: number): void => {
    meter.countLost(telegrams);
  };
  const client = collectProblems(() =>
    clientKind.create(settings.client.settings, { device, log, clock, random, state, countLost }),
  );
  const fingerprint = fingerprintOf(settings, implementation);
  const limits = limitsOf(settings.plausibility);
  const { toleratedFaults = 0 } = client ?? {};
  const meter = new Meter({ device, fingerprint, toleratedFaults, clock, log, state, limits, client });
  options.figures.enterMeter(name, meter);

  const sinks: PreparedSink[] = [];
  for (const each of settings.sinks) {
    const kind = await SINKS[each.type as keyof typeof SINKS]();
    const sharedKey = JSON.stringify([each.type, each.everyMs, each.settings]);
    const known = kind.scope === 'process' ? shared.get(sharedKey) : undefined;
    const sink = known ?? collectProblems(() => prepareSink(each, kind, settings, state, options));
    if (!sink) continue;
    sinks.push(sink);
    if (kind.scope === 'process') shared.set(sharedKey, sink);
  }
  return client && { name, meter, client, log, state, sinks, spool: settings.spool };
}

/** What tells the trees that this program and this client remember from those of others. */
export function fingerprintOf({ client }: Pick<EnvironmentSettings, 'client'>, implementation: string): string {
  return `${implementation} ${client.type}`;
}

function prepareSink(
  settings: SinkSettings,
  kind: SinkKind,
  { name, device, sinks: siblings, log: { level } }: EnvironmentSettings,
  state: FileState,
  { clock, random, implementation, figures, log: logFor }: AppOptions,
): PreparedSink {
  const environment = kind.scope === 'process' ? {} : { environment: name };
  const log = logFor([...Object.values(environment), settings.name].join(' '), level);
  const create = ({ id, name: deviceName }: SinkContext['device']): Sink => {
    const forDevice = { id, name: deviceName };
    return kind.create(settings.settings, { device: forDevice, siblings, log, clock, random, state, implementation, figures });
  };
  const own = create(device);
  return {
    ...environment,
    settings,
    kind,
    log,
    create: (other) => (kind.scope === 'device' && other.id !== device.id ? create(other) : own),
  };
}

function outletOf(
  { environment, kind, settings, log, create }: PreparedSink,
  options: AppOptions,
  started: (delivery: Promise<void>) => void,
  deadline: AbortSignal,
): Outlet {
  const { clock, random, figures } = options;
  return {
    scope: kind.scope,
    connect(device) {
      const mailbox: Mailbox =
        kind.delivery === 'latest' || settings.everyMs !== undefined
          ? latestMailbox(clock, settings.everyMs)
          : everyMailbox(clock, MAILBOX_ITEMS, kind.batch ?? BATCH_ITEMS);
      const place: Place = {
        ...(environment !== undefined && { environment }),
        sink: settings.name,
        ...(kind.scope === 'device' && { device: device.id }),
      };
      const counted = new Deliveries();
      figures.enterSink(place, counted, mailbox);
      started(deliver({ sink: create(device), mailbox, clock, log, random, deliveries: counted }, deadline));
      return mailbox;
    },
  };
}

function isHistory({ kind }: PreparedSink): boolean {
  return kind.delivery === 'history';
}

/** The histories of an environment, which share a spool; undefined where it has none. */
function historiesOf(
  { name, meter, log, sinks, spool: settings }: Environment,
  options: AppOptions,
  started: (delivery: Promise<void>) => void,
  deadline: AbortSignal,
): OpenHistories | undefined {
  const histories = sinks.filter(isHistory).map((sink) => ({
    ...sink.settings,
    // What declares itself a history is one.
    sink: sink.create(meter.status.device) as HistorySink,
    log: sink.log,
  }));
  if (histories.length === 0) return undefined;
  return openHistories({ ...options, environment: name, sinks: histories, settings, log }, started, deadline);
}

function limitsOf({
  enabled,
  max_power_kw: maxPowerKw,
  max_flow_m3_per_hour: maxFlowM3PerHour,
}: EnvironmentSettings['plausibility']): Limits | undefined {
  return enabled ? { maxPowerW: scale(maxPowerKw, 3), maxFlowM3PerHour } : undefined;
}

/** At the deadline, unfinished work ends with the signal's reason: that is no error. */
function unlessPast(deadline: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!deadline.aborted) throw error;
  };
}
