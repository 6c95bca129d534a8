import type { P1Frame } from '../../codecs/p1/frame.js';
import type { Finding } from '../../codecs/p1/scanner.js';
import { parseTelegram } from '../../codecs/p1/telegram.js';
import type { Json } from '../../model/ports.js';
import type { Fault, FaultKind, Reading, Values } from '../../model/reading.js';
import type { ClientContext } from '../../pipeline/client.js';
import { projectDemand, QUARTER_SECONDS } from './demand.js';
import { FrameCounterGuard, type AcceptedFrame } from './frame-counter.js';
import { readFailures, readList } from './lists.js';
import { mapTelegram, type LeftOut, type Mapped, type TimedValue } from './map.js';
import { hasSame, Memo, printInstant, type OwnTime } from './own-time.js';
import { RawObjects } from './raw.js';
import type { P1Settings } from './settings.js';
import { Stamps } from './stamps.js';
import { SubMeterIds } from './sub-meter-ids.js';
import { SubMeters } from './sub-meters.js';
import { TargetFinder } from './targets.js';
import { Tree } from './tree.js';

/** A foreign meter may send many objects that are not known here; more than these are not spoken of. */
const MAX_REMARKS = 100;

/** What of the settings tells how telegrams are understood. */
export type InterpreterSettings = Pick<P1Settings, 'time_zone' | 'raw' | 'demand_floor'>;

/** Turns what the decoder finds on one port into readings and faults of its device. */
export class Interpreter {
  readonly #context: ClientContext;
  readonly #settings: InterpreterSettings;
  readonly #stamps: Stamps;
  readonly #subMeters: SubMeters;
  readonly #tree: Tree;
  readonly #finder = new TargetFinder();
  readonly #raw = new RawObjects();
  readonly #failures = new Memo<string>();
  /** The last contents of the list 0-0:98.1.0. */
  #list: readonly string[] = [];
  /** The last value with a time of its own of each path: as sent, and its time. */
  readonly #timed = new Map<string, TimedValue & { readonly measuredAt: number | undefined }>();
  readonly #remarks = new Set<string>();
  /** Guards the counter of the meter of that system title. */
  #guard: { readonly systemTitle: string; readonly counter: FrameCounterGuard } | undefined;

  constructor(context: ClientContext, settings: InterpreterSettings) {
    const { device, state, log } = context;
    this.#context = context;
    this.#settings = settings;
    this.#tree = new Tree(device);
    this.#stamps = new Stamps(settings.time_zone, (message) => {
      this.#once(message, () => {
        log.warn(message);
      });
    });
    this.#subMeters = new SubMeters({
      ids: new SubMeterIds(state, log),
      readStamp: this.#stamps.readAny,
      remark: (message) => {
        this.#once(message, () => {
          log.info(message);
        });
      },
    });
  }

  /**
   * @param receivedAt when the last byte arrived, milliseconds since 1970 UTC
   * @returns what the telegram says, and after it what it brings that was measured at another time and is new; or a fault alone
   */
  interpret(finding: Finding<P1Frame>, receivedAt: number): readonly (Reading | Fault)[] {
    if (finding.kind === 'error') return [this.#fault(finding.what, finding.detail, receivedAt, finding.bytes)];
    const { telegram, ciphering } = finding.frame;
    const { identification, objects, skippedLines } = parseTelegram(telegram);
    const mapped = mapTelegram({ identification, objects }, this.#finder);
    const measuredAt = mapped.stamp === undefined ? undefined : this.#stamps.read(mapped.stamp);
    if (ciphering) {
      const replay = this.#detectReplay(ciphering.systemTitle, { counter: ciphering.frameCounter, measuredAt });
      if (replay !== undefined) return [this.#fault('replayed', replay, receivedAt)];
    }
    for (const object of mapped.leftOut) this.#remarkOn(object);
    for (const line of skippedLines) this.#remarkOnLine(line);
    const subMeters = this.#subMeters.report(mapped.channels, receivedAt);
    const own = [...this.#ownTimes(mapped), ...subMeters.own];
    const raw = this.#settings.raw ? this.#raw.report(mapped.leftOut) : undefined;
    const values: Values = Object.assign(mapped.values, this.#derive(mapped, measuredAt), subMeters.values, raw?.values);
    const paths = Object.keys(values);
    if (paths.length === 0 && own.length === 0)
      return [this.#fault('malformed', 'the telegram has no object of an electricity meter', receivedAt, telegram)];
    const device = this.#tree.deviceOf({
      model: identification.replaceAll(/[^\x20-\x7e]/g, ''),
      serial: serialOf(mapped, ciphering),
      paths,
      own,
      nodes: [subMeters.nodes, ...(raw ? [raw.nodes] : [])],
    });
    const said: Reading = { kind: 'reading', device, ...(measuredAt !== undefined && { measuredAt }), receivedAt, values };
    return [said, ...own.map((each): Reading => ({ kind: 'reading', device, ...each, timing: 'own', receivedAt }))];
  }

  #fault(what: FaultKind, detail: string, at: number, bytes?: Uint8Array): Fault {
    return { kind: 'fault', device: this.#context.device.id, at, what, detail, ...(bytes && { bytes }) };
  }

  /** What is computed from several objects. */
  #derive({ values, timed, failures }: Mapped, measuredAt: number | undefined): Values {
    const { 'demand/current': demand, 'power/current-usage': power, 'demand/period': period = QUARTER_SECONDS } = values;
    const peak = timed.some(({ path }) => path === 'demand/peak') ? this.#timed.get('demand/peak') : undefined;
    const log = failures && {
      'quality/failure-log': this.#failures.recall(failures, (contents) => readFailures(contents, this.#stamps.read)),
    };
    if (measuredAt === undefined || typeof demand !== 'number' || typeof power !== 'number' || !(Number(period) > 0))
      return { ...log };
    return {
      ...log,
      ...projectDemand({
        demand,
        power,
        // A month without a peak so far has a stamp that is no time.
        peak: peak && (peak.measuredAt === undefined ? 0 : Number(peak.value)),
        floor: this.#settings.demand_floor,
        measuredAt,
        periodSeconds: Number(period),
      }),
    };
  }

  /** Values that have a time of their own and are new. */
  #ownTimes({ timed, list }: Mapped): readonly OwnTime[] {
    const fresh: OwnTime[] = [];
    for (const sent of timed) {
      const { path, timePath, stamp, value } = sent;
      const before = this.#timed.get(path);
      if (before?.stamp === stamp && before.value === value) continue;
      const measuredAt = this.#stamps.read(stamp);
      this.#timed.set(path, { ...sent, measuredAt });
      if (measuredAt !== undefined) fresh.push({ measuredAt, values: { [path]: value, [timePath]: printInstant(measuredAt) } });
    }
    if (list && !hasSame(list, this.#list)) {
      this.#list = list;
      const read = readList(list, this.#stamps.read);
      if (read) fresh.push(...read);
      else this.#remarkOn({ obis: '0-0:98.1.0', content: list.join(')('), reason: 'not understood' });
    }
    return fresh;
  }

  /** @returns why the frame is refused; undefined when it is new */
  #detectReplay(systemTitle: string, frame: AcceptedFrame): string | undefined {
    const { state } = this.#context;
    const key = `frame-counter/${systemTitle}`;
    if (this.#guard?.systemTitle !== systemTitle) {
      this.#guard = { systemTitle, counter: new FrameCounterGuard(parseAccepted(state.get(key))) };
    }
    const verdict = this.#guard.counter.judge(frame);
    if (verdict.kind === 'replayed') return verdict.detail;
    if (verdict.missing > 0) this.#context.countLost(verdict.missing);
    state.set(key, { ...frame }, 'eventually');
    return undefined;
  }

  #remarkOn({ obis, content, reason }: LeftOut): void {
    this.#once(`${obis} ${reason}`, () => {
      const message = `object ${obis}(${content}) is left out: ${reason}`;
      if (reason !== 'unknown object') this.#context.log.warn(message);
      else if (!this.#settings.raw) this.#context.log.info(`${message}; client.raw = true has it published`);
      else this.#context.log.info(`object ${obis}(${content}) is published as it is: ${reason}`);
    });
  }

  #remarkOnLine(line: string): void {
    this.#once(line, () => {
      this.#context.log.info(`line ${JSON.stringify(line)} is left out: it is no object`);
    });
  }

  #once(remark: string, say: () => void): void {
    if (this.#remarks.has(remark) || this.#remarks.size >= MAX_REMARKS) return;
    this.#remarks.add(remark);
    say();
  }
}

/** The serial number in the telegram, else who encrypted it, else its logical device name. */
function serialOf({ serial, values }: Mapped, ciphering: P1Frame['ciphering']): string | undefined {
  const name = values['identity/logical-device-name'];
  return serial ?? ciphering?.systemTitle ?? (name === undefined ? undefined : String(name));
}

function parseAccepted(stored: Json | undefined): AcceptedFrame | undefined {
  if (typeof stored !== 'object' || stored === null || !('counter' in stored) || typeof stored.counter !== 'number')
    return undefined;
  const measuredAt = typeof stored.measuredAt === 'number' ? stored.measuredAt : undefined;
  return { counter: stored.counter, measuredAt };
}
