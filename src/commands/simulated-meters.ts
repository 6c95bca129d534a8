import { scopeOf, systemClock } from '../pipeline/clock.js';
import { Dsmr5 } from '../simulators/dsmr5.js';
import { Fluvius } from '../simulators/fluvius.js';
import { Household } from '../simulators/household.js';
import { Multical } from '../simulators/multical.js';
import type { PushFault, PushingMeter } from '../simulators/pushing-meter.js';
import { T210 } from '../simulators/t210.js';
import type { Link } from '../transports/link.js';
import type { SimulatedFault, SimulatedFaults } from './simulated-faults.js';

/** How a meter is simulated. */
export interface Simulation {
  readonly faults: SimulatedFaults;
  /** How often it sends. */
  readonly intervalMs: number;
  readonly seed: number;
  /** Told of each fault that strikes. */
  readonly strikes: (fault: SimulatedFault) => void;
}

/** A meter that can be simulated. */
export interface SimulatedMeter {
  /** What it is, for a person. */
  readonly title: string;
  /** How often it sends when nothing else is said; one that is asked has none. */
  readonly intervalMs?: number;
  readonly faults: readonly SimulatedFault[];
  /** The lines of `[client]` of an environment that reads it, without its link. */
  readonly client: string;
  /** The lines of its secrets file. */
  readonly secrets?: string;
  /** Makes it. @returns what goes on at its end of a line until `stop` aborts or the reader has gone @throws LinkError the reader has gone */
  create(simulation: Simulation): (link: Link, stop: AbortSignal) => Promise<void>;
}

/** Published here, so no secret; not even random. */
const DEMO_KEYS = {
  encryptionKey: Buffer.from('0123456789ABCDEFFEDCBA9876543210', 'hex'),
  authenticationKey: Buffer.from('00112233445566778899AABBCCDDEEFF', 'hex'),
};

/** Faults of a telegram that is pushed, as the simulated meters name them. */
const PUSH_FAULTS = {
  corruption: 'corrupt',
  truncation: 'truncate',
  noise: 'noise',
  glue: 'glue',
  silence: 'silence',
  replay: 'replay',
  'wrong-encryption-key': 'wrong-encryption-key',
  'wrong-authentication-key': 'wrong-authentication-key',
} as const satisfies Partial<Record<SimulatedFault, PushFault>>;

const PLAIN_FAULTS = ['corruption', 'truncation', 'noise', 'glue', 'silence'] as const;
const POLL_FAULTS = ['corruption', 'truncation', 'noise', 'silence', 'echo'] as const;

/** Garbage before an answer, as a head picks it up. */
const NOISE = Uint8Array.of(0x00, 0x55, 0xaa, 0x12, 0xff);

/** Meters by their names on the command line. */
export const SIMULATED_METERS: Readonly<Record<string, SimulatedMeter>> = {
  t210: {
    title: 'A Sagemcom T210-D-r, encrypted (Austria)',
    intervalMs: 10_000,
    faults: [...PLAIN_FAULTS, 'replay', 'wrong-encryption-key', 'wrong-authentication-key', 'unplug'],
    client: 'type = "p1"\ntime_zone = "Europe/Vienna"',
    secrets: Object.entries({ encryption_key: DEMO_KEYS.encryptionKey, authentication_key: DEMO_KEYS.authenticationKey })
      .map(([name, key]) => `${name} = "${key.toString('hex').toUpperCase()}"`)
      .join('\n'),
    create: (simulation) => {
      const household = new Household(simulation.seed, 'Europe/Vienna');
      return pushing(new T210({ household, keys: DEMO_KEYS, frameCounter: counterNow(), seed: simulation.seed }), simulation);
    },
  },
  dsmr5: {
    title: 'A meter of DSMR 5 with a gas meter (Netherlands)',
    intervalMs: 1_000,
    faults: [...PLAIN_FAULTS, 'unplug'],
    client: 'type = "p1"\ntime_zone = "Europe/Amsterdam"',
    create: (simulation) => {
      const { seed } = simulation;
      return pushing(new Dsmr5(new Household(seed, 'Europe/Amsterdam'), { seed }), simulation);
    },
  },
  fluvius: {
    title: 'A meter of Fluvius with gas and water meters (Belgium)',
    intervalMs: 1_000,
    faults: [...PLAIN_FAULTS, 'unplug'],
    client: 'type = "p1"\ntime_zone = "Europe/Brussels"',
    create: (simulation) => {
      const { seed } = simulation;
      return pushing(new Fluvius(new Household(seed, 'Europe/Brussels'), { seed }), simulation);
    },
  },
  multical403: {
    title: 'A heat meter Kamstrup Multical 403 under an infrared head',
    faults: [...POLL_FAULTS, 'unplug'],
    client: 'type = "kamstrup"\npoll_interval = "10s"',
    create: answering,
  },
};

/** One more each tenth of a second: it goes on rising when the meter is simulated again. */
function counterNow(): number {
  return Math.floor((systemClock.now() - Date.UTC(2025, 0, 1)) / 100);
}

function pushing(
  meter: PushingMeter<unknown>,
  { faults, intervalMs, strikes }: Simulation,
): (link: Link, stop: AbortSignal) => Promise<void> {
  const names = Object.keys(PUSH_FAULTS) as (keyof typeof PUSH_FAULTS)[];
  const fault = (): PushFault | undefined => {
    const struck = faults.next(names);
    if (struck !== undefined) strikes(struck);
    return struck && PUSH_FAULTS[struck];
  };
  return async (link, stop) => {
    using scope = scopeOf(stop);
    const onSent = (): void => {
      if (faults.next(['unplug']) !== undefined) strikes('unplug');
    };
    const ends = [meter.run(link, { clock: systemClock, intervalMs, fault, onSent }, scope.signal), ignore(link, scope.signal)];
    try {
      await Promise.race(ends);
    } finally {
      scope.abort();
      await Promise.allSettled(ends);
    }
  };
}

/** A meter that pushes does not listen; but who does not read does not notice that nobody is there. */
async function ignore(link: Link, signal: AbortSignal): Promise<never> {
  for (;;) await link.read(signal);
}

function answering({ faults, seed, strikes }: Simulation): (link: Link, stop: AbortSignal) => Promise<void> {
  const household = new Household(seed, 'Europe/Vienna');
  const meter = new Multical();
  meter.onRequest = () => {
    meter.measure(household.at(systemClock.now()));
    const struck = faults.next(['corruption', 'truncation', 'silence']);
    const noise = faults.next(['noise']);
    meter.faults.corrupt = struck === 'corruption' ? 1 : 0;
    meter.faults.truncate = struck === 'truncation' ? 1 : 0;
    meter.faults.silent = struck === 'silence' ? 1 : 0;
    meter.faults.before = noise ? NOISE : new Uint8Array();
    // The head sends back what it is given before the meter has understood it: that of the next request.
    meter.faults.echo = faults.next(['echo']) !== undefined;
    for (const each of [struck, noise, faults.next(['unplug'])]) if (each !== undefined) strikes(each);
  };
  return async (link, stop) => {
    meter.faults.echo = faults.next(['echo']) !== undefined;
    await meter.run(link, stop);
  };
}
