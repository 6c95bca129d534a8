import { printNumber } from '../model/decimal.js';
import { propertyAt } from '../model/device.js';
import { FAULTS, type QueueItem, type Reading, type Values } from '../model/reading.js';

/** An item as one JSON object in a line; its device by its id. */
export function printJson(item: QueueItem): string {
  const { device, ...rest } = item;
  const bytes = 'bytes' in rest && rest.bytes ? { bytes: Buffer.from(rest.bytes).toString('hex') } : {};
  return `${JSON.stringify({ ...rest, ...bytes, device: typeof device === 'string' ? device : device.id })}\n`;
}

/** Tells readings by what has changed since the one before, and everything else in a line. */
export class Report {
  #shown: Values = {};

  readonly print = (item: QueueItem): string => {
    switch (item.kind) {
      case 'reading':
        return this.#printReading(item);
      case 'fault':
        return `${stamp(item.at)} ${FAULTS[item.what]}: ${item.detail}\n`;
      case 'health':
        return item.state === 'ok' ? '' : `${stamp(item.at)} ${item.state}: ${item.detail}\n`;
    }
  };

  #printReading({ device, receivedAt, measuredAt, values }: Reading): string {
    const changed = Object.entries(values).filter(([path, value]) => this.#shown[path] !== value && !path.startsWith('meter/'));
    this.#shown = { ...this.#shown, ...values };
    const of = measuredAt === undefined ? '' : `, measured ${stamp(measuredAt)}`;
    const lines = changed.map(([path, value]) =>
      `    ${path} ${printValue(value)} ${propertyAt(device.nodes, path)?.unit ?? ''}`.trimEnd(),
    );
    return [`${stamp(receivedAt)} reading of ${device.id}${of}`, ...lines, ''].join('\n');
  }
}

/** A value for a person. */
export function printValue(value: Values[string]): string {
  return typeof value === 'number' ? printNumber(value) : String(value);
}

function stamp(instant: number): string {
  return new Date(instant).toISOString();
}
