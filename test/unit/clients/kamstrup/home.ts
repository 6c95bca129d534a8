import { parseRequestedRegisters } from '../../../../src/codecs/kmp/encode.js';
import { KmpDecoder } from '../../../../src/codecs/kmp/frame.js';
import { createKamstrup } from '../../../../src/clients/kamstrup/client.js';
import type { QuietHours } from '../../../../src/clients/kamstrup/quiet-hours.js';
import type { Fault, Reading } from '../../../../src/model/reading.js';
import type { Client } from '../../../../src/pipeline/client.js';
import { Multical } from '../../../../src/simulators/multical.js';
import type { Link } from '../../../../src/transports/link.js';
import { FakeClock, settle } from '../../../support/fake-clock.js';
import { RecordingLogger } from '../../../support/logger.js';
import { memoryLinks, type MemoryLinks } from '../../../support/memory-link.js';
import { MemoryState } from '../../../support/state.js';

/** A meter, a cable and a client that reads it, all in memory and on a clock that a test moves. */
export class Home {
  readonly clock = new FakeClock();
  readonly log = new RecordingLogger();
  readonly state = new MemoryState();
  readonly meter = new Multical();
  /** What the client has yielded. */
  readonly items: (Reading | Fault)[] = [];
  /** What the meter was asked, each as `serial`, `type` or the ids of registers, with the time of asking in milliseconds. */
  readonly asked: { readonly what: string; readonly at: number }[] = [];
  links: MemoryLinks = memoryLinks();
  /** Whether the port takes no more bytes, as a hung adapter does. */
  stuck = false;
  closed = 0;

  readonly #client: Client;
  readonly #stop = new AbortController();

  constructor(pollIntervalMs = 3_600_000, quietHours?: QuietHours) {
    const { clock, log, state } = this;
    const device = { id: 'heat-smart-meter', name: 'Heat meter' };
    const context = { device, clock, log, state, random: () => 0.5, countLost: () => undefined };
    this.#client = createKamstrup({ pollIntervalMs, quietHours, context, openLink: () => Promise.resolve(this.#plugIn()) });
  }

  get periodMs(): number {
    return this.#client.periodMs;
  }

  /** Starts reading; resolves when the client has ended. `take` holds the client up between items. */
  async read(take: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    for await (const item of this.#client.readings(this.#stop.signal)) {
      this.items.push(item);
      await take();
    }
  }

  /** Has the meter asked before its time. */
  ask(afterMs: number): void {
    this.#client.ask?.(afterMs);
  }

  stop(): void {
    this.#stop.abort();
  }

  /** The values of the last reading. */
  get values(): Reading['values'] | undefined {
    return this.items.findLast((item) => item.kind === 'reading')?.values;
  }

  /** The device of the last reading. */
  get device(): Reading['device'] | undefined {
    return this.items.findLast((item) => item.kind === 'reading')?.device;
  }

  /** The faults, as what was wrong. */
  get faults(): string[] {
    return this.items.filter((item) => item.kind === 'fault').map((fault) => fault.what);
  }

  /** What the meter was asked since the last call. */
  newlyAsked(): string[] {
    return this.asked.splice(0).map(({ what }) => what);
  }

  #plugIn(): Link {
    this.links = memoryLinks();
    const { near, far } = this.links;
    this.meter.run(far, this.#stop.signal).catch(() => undefined);
    return {
      ...near,
      write: (bytes, signal) => {
        this.asked.push({ what: describeRequest(bytes), at: this.clock.monotonic() });
        return this.stuck ? this.clock.sleep(Infinity, signal) : near.write(bytes, signal);
      },
      close: () => {
        this.closed += 1;
        return near.close();
      },
    };
  }
}

/** A home whose client runs until the test ends. */
export async function home(
  test: { after(end: () => Promise<void>): void },
  prepare: (made: Home) => void = () => undefined,
  quietHours?: QuietHours,
) {
  const made = new Home(undefined, quietHours);
  prepare(made);
  const reading = made.read();
  test.after(async () => {
    made.stop();
    await reading;
  });
  await settle();
  return made;
}

function describeRequest(bytes: Uint8Array): string {
  const [found] = new KmpDecoder('request').push(bytes);
  if (found?.kind !== 'frame') return 'nothing that a meter understands';
  if (found.frame.command === 0x01) return 'type';
  if (found.frame.command === 0x02) return 'serial';
  return parseRequestedRegisters(found.frame.data)?.join(' ') ?? 'no registers';
}
