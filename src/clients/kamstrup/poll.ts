import type { FrameError } from '../../codecs/decoder.js';
import { GET_SERIAL_NUMBER, GET_TYPE, getRegisters, type MeterType } from '../../codecs/kmp/command.js';
import type { Device } from '../../model/device.js';
import type { Reading } from '../../model/reading.js';
import type { ClientContext } from '../../pipeline/client.js';
import { within } from '../../pipeline/clock.js';
import { learn, nothingLearned, recall, registersToAsk, type Learned, type Outcome } from './learned.js';
import type { Line } from './line.js';
import { REGISTERS, TYPES } from './map.js';
import { TOTALS, measure, nodesOf, type Measured } from './values.js';

/** How long a poll may take: three exchanges (serial number, type, registers) of which each needs its retries. */
export const POLL_DEADLINE_MS = 45_000;

const WANTED: readonly number[] = REGISTERS.map(({ id }) => id);

type Identity = Required<Pick<Device, 'manufacturer' | 'serial'>> & Pick<Device, 'model'>;

/** Asks one meter again and again, and keeps what is learned about it from poll to poll. */
export class Poller {
  readonly #context: ClientContext;
  readonly #stateKey: string;
  readonly #said = new Set<string>();
  #identity: Identity | undefined;
  #identified = false;
  #learned: Learned = nothingLearned('');
  #totals: Measured['values'] = {};
  #device: { readonly shape: string; readonly device: Device } | undefined;

  constructor(context: ClientContext) {
    this.#context = context;
    this.#stateKey = `kamstrup registers ${context.device.id}`;
  }

  /** Has the next poll ask who the meter is: it may have been replaced while nobody listened. */
  doubtIdentity(): void {
    this.#identified = false;
  }

  /**
   * Asks the meter for its registers, and who it is when that is in doubt.
   * @returns a reading, or what was wrong after all retries
   * @throws LinkError the link is lost
   */
  async poll(line: Line, signal: AbortSignal): Promise<Reading | FrameError> {
    const inTime = await within(this.#context.clock, POLL_DEADLINE_MS, signal, (deadline) => this.#ask(line, deadline));
    const outcome = inTime ?? frameError('timeout', `the poll was not finished within ${POLL_DEADLINE_MS / 1000} s`);
    if (outcome.kind === 'error') this.doubtIdentity();
    return outcome;
  }

  async #ask(line: Line, signal: AbortSignal): Promise<Reading | FrameError> {
    const identifiedBefore = this.#identified;
    if (!identifiedBefore) {
      const failure = await this.#identify(line, signal);
      if (failure) return failure;
    }

    const { clock } = this.#context;
    const ids = registersToAsk(this.#learned, WANTED, clock.now());
    const answer = await line.ask(getRegisters(ids), signal);
    if (answer.kind === 'error') return identifiedBefore ? answer : this.#onlySerialNumber(answer, ids);
    const receivedAt = clock.now();

    const measured = measure(answer.value);
    for (const note of measured.notes) this.#sayOnce(note);
    if (Object.keys(measured.values).length === 0) return frameError('malformed', 'the answer holds nothing that was asked for');

    if (identifiedBefore && this.#hasFallen(measured.values)) {
      const failure = await this.#identify(line, signal);
      if (failure) return failure;
    }
    this.#learn({ asked: ids, answered: answer.value.map(({ id }) => id) });
    this.#totals = { ...this.#totals, ...measured.values };
    return { kind: 'reading', device: this.#deviceOf(measured.units), receivedAt, values: measured.values };
  }

  /** Reads serial number and type. A meter that does not tell its type is read all the same. */
  async #identify(line: Line, signal: AbortSignal): Promise<FrameError | undefined> {
    const number = await line.ask(GET_SERIAL_NUMBER, signal);
    if (number.kind === 'error') return number;
    const type = await line.ask(GET_TYPE, signal);
    const serial = String(number.value);
    const model = type.kind === 'answer' ? { model: modelOf(type.value) } : {};
    const before = this.#identity?.serial;
    this.#identity = { manufacturer: 'Kamstrup', serial, ...model };
    this.#identified = true;
    if (serial === before) return undefined;
    this.#learned = recall(this.#context.state.get(this.#stateKey), serial);
    return undefined;
  }

  /** The meter is there, but was silent when asked for its registers: maybe it knows none of these, so the next request is for all. */
  #onlySerialNumber(answer: FrameError, ids: readonly number[]): FrameError {
    if (answer.what !== 'timeout' && answer.what !== 'echo') return answer;
    this.#learned = { ...this.#learned, askedAllAt: 0 };
    const detail = `the meter tells its serial number, but none of the registers ${ids.join(', ')}; did the head slip, is it a heat meter?`;
    return { ...answer, what: 'timeout', detail };
  }

  #learn(outcome: Outcome): void {
    const { clock, state } = this.#context;
    const learned = learn(this.#learned, WANTED, outcome, clock.now());
    if (learned === this.#learned) return;
    this.#learned = learned;
    state.set(this.#stateKey, { ...learned }, 'eventually');
    const missing = REGISTERS.filter(({ id }) => !learned.answered.includes(id));
    for (const { id, to } of missing) this.#sayOnce(`the meter has no register ${id} (${to}); it is asked for again once a week`);
  }

  #hasFallen(values: Measured['values']): boolean {
    return TOTALS.some((path) => (values[path] ?? Infinity) < (this.#totals[path] ?? -Infinity));
  }

  /** One object as long as the meter is the same and shows the same. */
  #deviceOf(units: Measured['units']): Device {
    const shape = JSON.stringify([this.#identity, units]);
    if (this.#device?.shape === shape) return this.#device.device;
    const device: Device = { ...this.#context.device, ...this.#identity, nodes: nodesOf(units) };
    this.#device = { shape, device };
    return device;
  }

  #sayOnce(message: string): void {
    if (this.#said.has(message)) return;
    this.#said.add(message);
    this.#context.log.info(message);
  }
}

/** What a meter says that it is, for a person. */
export function modelOf({ type, revision }: MeterType): string {
  return `${TYPES[type] ?? `Multical, type ${type.toString(16).padStart(4, '0')}`} (software ${revision})`;
}

function frameError(what: FrameError['what'], detail: string): FrameError {
  return { kind: 'error', what, detail, bytes: new Uint8Array() };
}
