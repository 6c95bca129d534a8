import type { Device } from '../../model/device.js';
import type { Recorded } from '../sink.js';
import { ByteReader, ByteWriter } from './bytes.js';
import { newColumn, readValue, writeNumber, writeValue, type Column, type Times, type Value } from './values.js';

/** How far each sink is, by its name: the sequence of the last reading that is safe there. */
export type Cursors = Readonly<Record<string, number>>;

/** What follows in the stream, in its first byte. */
const ENTRY = { device: 0, shape: 1, reading: 2, cursors: 3, ownTime: 4 } as const;

/** The device as JSON → the device itself, so that readings of one meter share it: a sink takes another object for news. */
export class Devices {
  readonly #byText = new Map<string, Device>();

  /** The device that a text says. @throws SyntaxError when it is not JSON */
  of(text: string): Device {
    return this.#byText.get(text) ?? this.know(text, JSON.parse(text) as Device);
  }

  /** Notes what a text stands for. */
  know(text: string, device: Device): Device {
    // A tree changes a few times in its life: as many as that are of no use any more.
    if (this.#byText.size >= 64) this.#byText.clear();
    this.#byText.set(text, device);
    return device;
  }
}

/** Paths that readings of a device have together, with what they were last. */
interface Shape {
  readonly index: number;
  readonly columns: readonly Column[];
}

interface WrittenDevice {
  readonly index: number;
  readonly columns: Map<string, Column>;
  readonly shapes: Map<string, Shape>;
}

/**
 * Writes readings as a stream: a device when it is first met, the paths of a reading when they first come together, and of a reading what is
 * another than in the last: whole and decimal numbers by their difference.
 */
export class RecordEncoder {
  readonly #writer = new ByteWriter();
  readonly #known: Devices;
  readonly #devices = new Map<Device, WrittenDevice>();
  readonly #received = newColumn();
  readonly #measured = newColumn();
  #shapes = 0;
  #sequence = 0;

  /** @param known told of the devices, for those who read the stream in this process */
  constructor(known: Devices) {
    this.#known = known;
  }

  /** The next part of the stream. */
  encode({ device, values, receivedAt, measuredAt, timing, sequence }: Recorded): Buffer {
    const shape = this.#shapeOf(device, Object.keys(values));
    const writer = this.#writer;
    writer.byte(timing === 'own' ? ENTRY.ownTime : ENTRY.reading);
    writer.varint(2 * shape.index + (measuredAt === undefined ? 0 : 1));
    writer.varint(sequence - this.#sequence);
    this.#sequence = sequence;
    writeNumber(writer, this.#received, receivedAt);
    if (measuredAt !== undefined) writeNumber(writer, this.#measured, measuredAt);
    this.#writeChanges(shape.columns, Object.values(values), timesOf(receivedAt, measuredAt));
    return writer.finish();
  }

  #writeChanges(columns: readonly Column[], values: readonly Value[], times: Times): void {
    const writer = this.#writer;
    const changed = columns.flatMap((column, index) => (Object.is(column.value, values[index]) ? [] : [index]));
    const bits = new Uint8Array(Math.ceil(columns.length / 8));
    for (const index of changed) bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
    writer.raw(bits);
    for (const index of changed) {
      const [column, value] = [columns[index], values[index]];
      if (column && value !== undefined) writeValue(writer, column, value, times);
    }
  }

  #shapeOf(device: Device, paths: readonly string[]): Shape {
    const written = this.#devices.get(device) ?? this.#writeDevice(device);
    const key = paths.join('\n');
    const known = written.shapes.get(key);
    if (known) return known;
    this.#writer.byte(ENTRY.shape);
    this.#writer.varint(written.index);
    this.#writer.text(JSON.stringify(paths));
    const shape = { index: this.#shapes++, columns: columnsOf(written.columns, paths) };
    written.shapes.set(key, shape);
    return shape;
  }

  #writeDevice(device: Device): WrittenDevice {
    const text = JSON.stringify(device);
    this.#known.know(text, device);
    this.#writer.byte(ENTRY.device);
    this.#writer.text(text);
    const written = { index: this.#devices.size, columns: new Map<string, Column>(), shapes: new Map<string, Shape>() };
    this.#devices.set(device, written);
    return written;
  }
}

/** Cursors as a part of a stream. */
export function encodeCursors(cursors: Cursors): Buffer {
  const writer = new ByteWriter();
  writer.byte(ENTRY.cursors);
  writer.text(JSON.stringify(cursors));
  return writer.finish();
}

/** The furthest that any says of each sink; undefined when none says anything. */
export function furthest(...all: readonly (Cursors | undefined)[]): Cursors | undefined {
  const said = all.filter((each) => each !== undefined);
  if (said.length === 0) return undefined;
  const result: Record<string, number> = {};
  for (const cursors of said) {
    for (const [sink, sequence] of Object.entries(cursors)) result[sink] = Math.max(result[sink] ?? 0, sequence);
  }
  return result;
}

/** What a stream holds: its readings in order, and the cursors that it says last. */
export interface Decoded {
  readonly records: readonly Recorded[];
  readonly cursors: Cursors | undefined;
}

/** Reads a stream. @throws RangeError, SyntaxError when the bytes are none */
export function decodeRecords(bytes: Buffer, known: Devices): Decoded {
  const reader = new ByteReader(bytes);
  const devices: { readonly device: Device; readonly columns: Map<string, Column> }[] = [];
  const shapes: { readonly device: Device; readonly paths: readonly string[]; readonly columns: readonly Column[] }[] = [];
  const [received, measured] = [newColumn(), newColumn()];
  const records: Recorded[] = [];
  let cursors: Cursors | undefined;
  let sequence = 0;
  while (!reader.atEnd) {
    const entry = reader.byte();
    if (entry === ENTRY.device) devices.push({ device: known.of(reader.text()), columns: new Map() });
    else if (entry === ENTRY.shape) shapes.push(readShape());
    else if (entry === ENTRY.reading) records.push(readRecord());
    else if (entry === ENTRY.ownTime) records.push({ ...readRecord(), timing: 'own' });
    else if (entry === ENTRY.cursors) cursors = JSON.parse(reader.text()) as Cursors;
    else throw new RangeError(`entry of unknown kind ${entry}`);
  }
  return { records, cursors };

  function readShape(): (typeof shapes)[number] {
    const { device, columns } = at(devices, reader.varint());
    const paths = JSON.parse(reader.text()) as string[];
    return { device, paths, columns: columnsOf(columns, paths) };
  }

  function readRecord(): Recorded {
    const head = reader.varint();
    const { device, paths, columns } = at(shapes, Math.floor(head / 2));
    sequence += reader.varint();
    const receivedAt = Number(readValue(reader, received));
    const measuredAt = head % 2 === 1 ? Number(readValue(reader, measured)) : undefined;
    const times = timesOf(receivedAt, measuredAt);
    const bits = reader.raw(Math.ceil(columns.length / 8));
    const values: Record<string, Value> = {};
    for (const [index, path] of paths.entries()) {
      const column = at(columns, index);
      const hasChanged = ((bits[index >> 3] ?? 0) >> (index & 7)) % 2 === 1;
      const value = hasChanged ? readValue(reader, column, times) : column.value;
      if (value !== undefined) values[path] = value;
    }
    return recordOf({ kind: 'reading', device, receivedAt, values, ...(measuredAt !== undefined && { measuredAt }) }, sequence);
  }
}

/** A reading with its place in time and order. */
export function recordOf(reading: Omit<Recorded, 'at' | 'sequence'>, sequence: number): Recorded {
  return { ...reading, at: reading.measuredAt ?? reading.receivedAt, sequence };
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`nothing was said of number ${index}`);
  return found;
}

function columnsOf(columns: Map<string, Column>, paths: readonly string[]): Column[] {
  return paths.map((path) => {
    const column = columns.get(path) ?? newColumn();
    columns.set(path, column);
    return column;
  });
}

function timesOf(receivedAt: number, measuredAt: number | undefined): Times {
  return { received: isoOf(receivedAt), measured: measuredAt === undefined ? undefined : isoOf(measuredAt) };
}

/** Empty for a time that no calendar has. */
function isoOf(time: number): string {
  return Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : '';
}
