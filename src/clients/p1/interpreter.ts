import type { P1Frame } from '../../codecs/p1/frame.js';
import type { Finding } from '../../codecs/p1/scanner.js';
import { parseTelegram } from '../../codecs/p1/telegram.js';
import { stampReader, type MeterTime } from '../../codecs/p1/time.js';
import { pickNodes, type Device } from '../../model/device.js';
import { electricityMeter } from '../../model/models/electricity-meter.js';
import type { Json } from '../../model/ports.js';
import type { Fault, FaultKind, Reading } from '../../model/reading.js';
import type { ClientContext } from '../../pipeline/client.js';
import { FrameCounterGuard, type AcceptedFrame } from './frame-counter.js';
import { mapTelegram, type LeftOut } from './map.js';

/** A foreign meter may send many objects that are not known here; more than these are not spoken of. */
const MAX_REMARKS = 100;

/** Turns what the decoder finds on one port into readings and faults of its device. */
export class Interpreter {
  readonly #context: ClientContext;
  readonly #readStamp: (stamp: string) => MeterTime | undefined;
  readonly #remarks = new Set<string>();
  #device: Device | undefined;
  /** The paths that `#device` was made for. */
  #paths: readonly string[] = [];
  /** Guards the counter of the meter of that system title. */
  #guard: { readonly systemTitle: string; readonly counter: FrameCounterGuard } | undefined;

  /** @param timeZone IANA name of the zone in which the meter's clock runs */
  constructor(context: ClientContext, timeZone: string) {
    this.#context = context;
    this.#readStamp = stampReader(timeZone);
  }

  /** @param receivedAt when the last byte arrived, milliseconds since 1970 UTC */
  interpret(finding: Finding<P1Frame>, receivedAt: number): Reading | Fault {
    if (finding.kind === 'error') return this.#fault(finding.what, finding.detail, receivedAt, finding.bytes);
    const { telegram, ciphering } = finding.frame;
    const { identification, objects } = parseTelegram(telegram);
    const { values, stamp, serial, leftOut } = mapTelegram({ identification, objects });
    const time = this.#timeOf(stamp);
    if (ciphering) {
      const replay = this.#detectReplay(ciphering.systemTitle, { counter: ciphering.frameCounter, measuredAt: time?.instant });
      if (replay !== undefined) return this.#fault('replayed', replay, receivedAt);
    }
    for (const object of leftOut) this.#remarkOn(object);
    const paths = Object.keys(values);
    if (paths.length === 0)
      return this.#fault('malformed', 'the telegram has no object of an electricity meter', receivedAt, telegram);
    const device = this.#deviceOf(paths, identification, serial ?? ciphering?.systemTitle);
    // A letter that contradicts its season leaves open which hour is meant.
    const measuredAt = time && !time.contradictory && { measuredAt: time.instant };
    return { kind: 'reading', device, ...measuredAt, receivedAt, values };
  }

  #fault(what: FaultKind, detail: string, at: number, bytes?: Uint8Array): Fault {
    return { kind: 'fault', device: this.#context.device.id, at, what, detail, ...(bytes && { bytes }) };
  }

  #timeOf(stamp: string | undefined): MeterTime | undefined {
    const time = stamp === undefined ? undefined : this.#readStamp(stamp);
    if (time?.contradictory) {
      this.#once('stamp', () => {
        this.#context.log.warn(
          `the meter says summer time (${stamp ?? ''}) when its time zone has none: measured times are left out`,
        );
      });
    }
    return time;
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
      if (reason === 'unknown object') this.#context.log.debug(message);
      else this.#context.log.warn(message);
    });
  }

  #once(remark: string, say: () => void): void {
    if (this.#remarks.has(remark) || this.#remarks.size >= MAX_REMARKS) return;
    this.#remarks.add(remark);
    say();
  }

  /** The same object while the telegram's shape stays the same. */
  #deviceOf(paths: readonly string[], identification: string, serial: string | undefined): Device {
    const known = this.#device;
    const model = identification.replaceAll(/[^\x20-\x7e]/g, '');
    const isSame = known?.model === model && known.serial === serial && hasSame(paths, this.#paths);
    if (known && isSame) return known;
    this.#paths = paths;
    this.#device = {
      ...this.#context.device,
      model,
      ...(serial !== undefined && { serial }),
      nodes: pickNodes(electricityMeter, new Set(paths)),
    };
    return this.#device;
  }
}

function hasSame(paths: readonly string[], others: readonly string[]): boolean {
  return paths.length === others.length && paths.every((path, index) => path === others[index]);
}

function parseAccepted(stored: Json | undefined): AcceptedFrame | undefined {
  if (typeof stored !== 'object' || stored === null || !('counter' in stored) || typeof stored.counter !== 'number')
    return undefined;
  const measuredAt = typeof stored.measuredAt === 'number' ? stored.measuredAt : undefined;
  return { counter: stored.counter, measuredAt };
}
