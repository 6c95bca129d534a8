import { Line, type Answer } from '../../clients/kamstrup/line.js';
import { REGISTERS } from '../../clients/kamstrup/map.js';
import { modelOf } from '../../clients/kamstrup/poll.js';
import { measure } from '../../clients/kamstrup/values.js';
import { listen } from '../../clients/p1/listen.js';
import { LINES, type LineName } from '../../clients/p1/line.js';
import type { FrameError } from '../../codecs/decoder.js';
import { GET_SERIAL_NUMBER, GET_TYPE, getRegisters } from '../../codecs/kmp/command.js';
import { plainDecoder } from '../../codecs/p1/frame.js';
import { withoutParity } from '../../codecs/p1/parity.js';
import { printNumber } from '../../model/decimal.js';
import { LinkError } from '../../model/errors.js';
import type { Clock } from '../../model/ports.js';
import { scopeOf } from '../../pipeline/clock.js';
import type { Link } from '../../transports/link.js';
import { openLink, type LineSettings } from '../../transports/open-link.js';
import { DEAF, tapped } from '../../transports/tap.js';
import type { Finding, HeatFinding, Place } from './finding.js';
import { P1Survey } from './p1-survey.js';
import type { Hearing } from './report.js';

/** How the optical eye of a Multical talks. Kamstrup 5512-447. */
const KMP = { name: '1200 8N2', line: { baudRate: 1200, dataBits: 8, parity: 'none', stopBits: 2 } } as const satisfies {
  name: string;
  line: LineSettings;
};

/** A meter that sends every second is heard at once: before anything else takes its time. */
const GLANCE_MS = 2_500;

/** So many bytes are more than an adapter makes up when it is opened. */
const TALKING_BYTES = 64;

/** The first request may only wake the meter. */
const ASK_RETRIES = 1;

/** Once a telegram was heard, so many more are waited for, and so long. */
const ENOUGH_TELEGRAMS = 5;
const COLLECT_MS = 22_000;

/** How often a port that was closed a moment ago is tried: an adapter may take its time. */
const REOPEN_TRIES = 5;
const REOPEN_MS = 200;

/** What a place is looked at with. */
export interface Looking {
  readonly clock: Clock;
  /** How long each line is listened to before it is given up. */
  readonly patienceMs: number;
  /** Told what is being tried. */
  readonly trying: (what: string) => void;
}

/** Finds out what is at a place, in bounded time. A meter with a P1 port is listened to; a heat meter is asked. Rejects when `stop` aborts. */
export async function look(place: Place, looking: Looking, stop: AbortSignal): Promise<Finding> {
  const visit = new Visit(place, looking, stop);
  try {
    const { patienceMs } = looking;
    const glanced = await visit.listen('115200 8N1', Math.min(GLANCE_MS, patienceMs));
    // A heat meter says nothing unasked.
    const isTalking = visit.bytes >= TALKING_BYTES;
    return (
      glanced ??
      (isTalking ? undefined : await visit.ask()) ??
      (await visit.listen('115200 8N1', patienceMs)) ??
      (await visit.listen('9600 7E1', patienceMs)) ??
      (isTalking ? await visit.ask() : undefined) ??
      visit.nothing()
    );
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    return { kind: 'nothing', place, reached: false, bytes: 0, detail: error.message };
  } finally {
    await visit.close();
  }
}

/** Opens the line to a heat meter. @throws LinkError it cannot be opened */
export function openHead({ link }: Place, signal: AbortSignal): Promise<Link> {
  return openLink(link.type === 'tcp' ? link : { type: 'serial', path: link.path, ...keysOf(KMP.line) }, signal);
}

/** What a head heard when it asked. */
export function hearingOf(answer: Answer<unknown> | FrameError): Hearing {
  if (answer.kind === 'answer') return 'good';
  if (answer.what === 'echo') return 'echo';
  if (answer.what !== 'timeout') return 'damaged';
  return answer.bytes.some((byte) => byte !== 0) ? 'noise' : 'silent';
}

/** Asks a heat meter that has told its serial number for the rest. */
export async function describeHeatMeter(place: Place, line: Line, serial: number, signal: AbortSignal): Promise<HeatFinding> {
  const type = await line.ask(GET_TYPE, signal);
  const answer = await line.ask(getRegisters(REGISTERS.map(({ id }) => id)), signal);
  const registers = answer.kind === 'answer' ? answer.value : [];
  const { values, units } = measure(registers);
  return {
    kind: 'kamstrup',
    place,
    line: place.link.type === 'tcp' ? 'tcp' : KMP.name,
    manufacturer: 'Kamstrup',
    ...(type.kind === 'answer' && { model: modelOf(type.value) }),
    serial: String(serial),
    registers: REGISTERS.flatMap(({ id, to }) => {
      const value = values[to];
      return value === undefined ? [] : [{ id, property: to, value: `${printNumber(value)} ${units[to] ?? ''}`.trim() }];
    }),
  };
}

/** One look at one place. */
class Visit {
  readonly #place: Place;
  readonly #looking: Looking;
  readonly #stop: AbortSignal;
  /** How many were heard. */
  bytes = 0;
  #complaint: string | undefined;
  #head: 'damaged' | undefined;
  #link: Link | undefined;

  constructor(place: Place, looking: Looking, stop: AbortSignal) {
    this.#place = place;
    this.#looking = looking;
    this.#stop = stop;
  }

  /** Listens for a P1 meter. */
  async listen(name: LineName, patienceMs: number): Promise<Finding | undefined> {
    const { clock, trying } = this.#looking;
    trying(`listening for a P1 meter at ${name}`);
    // One of 7E1 is opened as 8N1: on the wire both are the same ten bits.
    const link = await this.#open({ ...LINES[name], dataBits: 8, parity: 'none' });
    const decoder = name === '9600 7E1' ? withoutParity(plainDecoder('optional')) : plainDecoder();
    const survey = new P1Survey();
    using scope = scopeOf(this.#stop);
    let endsAt = clock.monotonic() + patienceMs;
    const timer = endAt(clock, () => endsAt, scope);
    try {
      for await (const { finding } of listen({ link, decoder, clock }, scope.signal)) {
        if (survey.telegrams === 0) trying('something is heard');
        survey.add(finding, clock.monotonic());
        if (survey.telegrams === 1) endsAt = clock.monotonic() + COLLECT_MS;
        if (survey.telegrams >= ENOUGH_TELEGRAMS) break;
      }
    } catch (error) {
      this.#stop.throwIfAborted();
      if (!scope.signal.aborted) throw error;
    } finally {
      scope.abort();
      await timer;
    }
    this.#complaint = survey.complaint ?? this.#complaint;
    if (survey.telegrams === 0) return undefined;
    return { kind: 'p1', place: this.#place, line: this.#place.link.type === 'tcp' ? 'tcp' : name, ...survey.meter() };
  }

  /** Asks for a heat meter. */
  async ask(): Promise<Finding | undefined> {
    this.#looking.trying(`asking for a heat meter at ${KMP.name}`);
    const line = new Line(await this.#open(KMP.line), this.#looking.clock);
    const answer = await line.ask(GET_SERIAL_NUMBER, this.#stop, ASK_RETRIES);
    if (answer.kind === 'answer') return describeHeatMeter(this.#place, line, answer.value, this.#stop);
    const hears = hearingOf(answer);
    if (hears === 'damaged') this.#head = hears;
    // Nothing else hears itself.
    return hears === 'echo' ? { kind: 'head', place: this.#place, line: KMP.name, hears } : undefined;
  }

  nothing(): Finding {
    const place = this.#place;
    if (this.#head) return { kind: 'head', place, line: KMP.name, hears: this.#head };
    const detail = this.#complaint ?? NOTHING_HEARD;
    return { kind: 'nothing', place, reached: true, bytes: this.bytes, detail };
  }

  async close(): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    await link?.close();
  }

  /** A connection has no settings of a line, and stays. */
  async #open(line: LineSettings): Promise<Link> {
    const { link } = this.#place;
    if (link.type === 'tcp' && this.#link) return this.#link;
    const again = this.#link !== undefined;
    await this.close();
    const settings = link.type === 'tcp' ? link : ({ type: 'serial', path: link.path, ...keysOf(line) } as const);
    const heard = (bytes: Uint8Array): void => {
      this.bytes += bytes.length;
    };
    for (let tries = again ? REOPEN_TRIES : 1; ; tries--) {
      try {
        this.#link = tapped(await openLink(settings, this.#stop), { ...DEAF, heard });
        return this.#link;
      } catch (error) {
        if (!(error instanceof LinkError) || tries <= 1) throw error;
        await this.#looking.clock.sleep(REOPEN_MS, this.#stop);
      }
    }
  }
}

const NOTHING_HEARD =
  'is the cable in, and the customer interface of the meter switched on? With an infrared head: --head shows live how it sits';

function keysOf({ baudRate, dataBits, parity, stopBits }: LineSettings) {
  return { baud_rate: baudRate, data_bits: dataBits, parity, stop_bits: stopBits };
}

/** Aborts a scope at a time that may be put off; resolves when it has aborted. */
async function endAt(clock: Clock, endsAt: () => number, scope: ReturnType<typeof scopeOf>): Promise<void> {
  try {
    for (let rest = endsAt() - clock.monotonic(); rest > 0; rest = endsAt() - clock.monotonic())
      await clock.sleep(rest, scope.signal);
  } catch {
    // What is over before its time is over as well.
  }
  scope.abort();
}
