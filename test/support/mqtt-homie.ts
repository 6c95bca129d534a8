import type { Device, Node } from '../../src/model/device.js';
import type { LinkError } from '../../src/model/errors.js';
import { NO_FIGURES, type Health, type HealthState, type Reading, type Values } from '../../src/model/reading.js';
import { Ledger } from '../../src/pipeline/figures.js';
import type { Sink } from '../../src/pipeline/sink.js';
import type { MqttSettings } from '../../src/transports/mqtt.js';
import homie from '../../src/sinks/homie/index.js';
import { FakeClock } from './fake-clock.js';
import { RecordingLogger } from './logger.js';
import { MemoryState } from './state.js';

/** The settings of a connection to a broker that lets everybody in. */
export function mqttSettings(url: string, more: Partial<MqttSettings> = {}): MqttSettings {
  return { url, username: undefined, password: undefined, ca: undefined, cert: undefined, key: undefined, ...more };
}

/** A sink `homie` for the device `house`, with a clock that the test moves. */
export class HomieFixture implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly log = new RecordingLogger();
  readonly sink: Sink;
  /** Resolves when the sink says that its connection is lost. */
  lost: Promise<LinkError> = new Promise(() => undefined);
  readonly #deadline = new AbortController().signal;

  constructor(url: string, more: Partial<MqttSettings> = {}) {
    this.sink = homie.create(
      { root: 'homie', mqtt: mqttSettings(url, more) },
      {
        device: { id: 'house', name: 'House' },
        siblings: [],
        log: this.log,
        clock: this.clock,
        random: () => 0.5,
        state: new MemoryState(),
        implementation: 'smart-meter-reader 0.1.0',
        figures: new Ledger(),
      },
    );
  }

  open(deadline = this.#deadline): Promise<void> {
    const { promise, resolve } = withResolvers<LinkError>();
    this.lost = promise;
    return this.sink.open(deadline, resolve);
  }

  write(...items: readonly (Reading | Health)[]): Promise<void> {
    return this.sink.write(items, this.#deadline);
  }

  close(deadline = this.#deadline): Promise<void> {
    return this.sink.close(deadline);
  }

  /** Closes and opens again until it works, as the pipeline does. */
  async reopen(): Promise<void> {
    for (;;) {
      await this.close();
      try {
        await this.open();
        return;
      } catch (error) {
        if ((error as Error).name !== 'LinkError') throw error;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** A node with integers in Wh, as a device of the tests has it. */
export function energyNode(...properties: readonly string[]): Node {
  const declare = (name: string) => ({ name, datatype: 'integer', unit: 'Wh', quantity: 'energy', kind: 'total' }) as const;
  return { name: 'Energy', type: 'energy', properties: Object.fromEntries(properties.map((id) => [id, declare(id)])) };
}

const METER: Node = {
  name: 'Meter',
  type: 'meter',
  properties: { status: { name: 'Status', datatype: 'string', quantity: 'text', kind: 'state' } },
};

/** The device `house` with the node `meter` and these others. */
export function house(nodes: Readonly<Record<string, Node>> = {}): Device {
  return { id: 'house', name: 'House', nodes: { ...nodes, meter: METER } };
}

export function reading(device: Device, values: Values): Reading {
  return { kind: 'reading', device, receivedAt: Date.UTC(2026, 0, 15, 12), values };
}

export function health(device: Device, state: HealthState, status: string = state): Health {
  return { kind: 'health', device, at: 0, state, detail: status, figures: NO_FIGURES, values: { 'meter/status': status } };
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}
