import { isUnreadable, readerOf, readText, unitOf } from './content.js';
import type { Channel, SentReading } from './map.js';
import { printInstant, type OwnTime } from './own-time.js';
import type { Seen, SubMeterIds } from './sub-meter-ids.js';
import { ACE_CHANNEL } from './targets.js';
import { parseValue } from '../../codecs/p1/value.js';
import type { Node, Nodes, Property } from '../../model/device.js';
import {
  counterOf,
  SUB_METER_KINDS,
  SUB_METER_PROPERTIES,
  subMeterNode,
  type SubMeterKind,
} from '../../model/models/sub-meter.js';
import type { Values } from '../../model/reading.js';

/** What a telegram says of the meters that are read through this one. */
export interface SubMeterReport {
  /** The same object while nothing changes. */
  readonly nodes: Nodes;
  /** What holds at the telegram's time. */
  readonly values: Values;
  /** Readings that are new, oldest first. */
  readonly own: readonly OwnTime[];
}

/** What sub-meters are read with. */
export interface SubMetersOptions {
  readonly ids: SubMeterIds;
  /** The instant of a stamp, with or without a letter; undefined where it is no time. */
  readonly readStamp: (stamp: string, now: number) => number | undefined;
  /** Says once what is left out. */
  readonly remark: (message: string) => void;
}

/** Readings of one kind of meter come at the same pace. One that is so much older than another's is of a meter that was removed. */
const STALE_MS = 2 * 3_600_000;

const NOTHING: SubMeterReport = { nodes: {}, values: {}, own: [] };

interface Counted {
  readonly counter: string;
  readonly property: Property;
  readonly value: number;
  /** Absent where the reading has no time of its own. */
  readonly at?: number;
}

interface SubMeter extends Seen {
  readonly of: SubMeterKind;
  readonly sent: Channel;
  /** Oldest first. */
  readonly counted: readonly Counted[];
}

/** The meters for gas, water, heat and electricity whose readings come with those of one electricity meter, through M-Bus. */
export class SubMeters {
  readonly #options: SubMetersOptions;
  #channels: readonly Channel[] = [];
  #report = NOTHING;
  /** The last reading of each meter that was handed out in this run. */
  readonly #handedOut = new Map<string, Counted>();

  constructor(options: SubMetersOptions) {
    this.#options = options;
  }

  /** @param now when the telegram came, milliseconds since 1970 UTC */
  report(channels: readonly Channel[], now: number): SubMeterReport {
    if (hasSame(channels, this.#channels)) {
      if (this.#report.own.length > 0) this.#report = { ...this.#report, own: [] };
      return this.#report;
    }
    this.#channels = channels;
    const before = this.#report.nodes;
    const report = this.#examine(channels, now);
    this.#report = JSON.stringify(report.nodes) === JSON.stringify(before) ? { ...report, nodes: before } : report;
    return this.#report;
  }

  #examine(channels: readonly Channel[], now: number): SubMeterReport {
    const meters = adoptId(channels).flatMap((channel) => this.#meterOf(channel, now) ?? []);
    const live = meters.filter((meter) => isLive(meter, meters));
    const ids = this.#options.ids.assign(live);
    const nodes: Record<string, Node> = {};
    const values: Record<string, number | string> = {};
    const own: OwnTime[] = [];
    for (const meter of meters) {
      const id = ids[live.indexOf(meter)] ?? this.#options.ids.recall(meter);
      if (id === undefined || id in nodes)
        this.#options.remark(`the ${meter.kind} meter on channel ${meter.channel} has no reading and is left out`);
      else this.#add(id, meter, { nodes, values, own });
    }
    return { nodes, values, own: own.sort((one, other) => one.measuredAt - other.measuredAt) };
  }

  #meterOf(sent: Channel, now: number): SubMeter | undefined {
    const { channel, type, id = '', readings } = sent;
    const of = SUB_METER_KINDS.get(Number.parseInt(type ?? '', 16));
    if (!of) {
      this.#options.remark(`the meter on channel ${channel}, of M-Bus device type ${type ?? 'unknown'}, is left out`);
      return undefined;
    }
    const counted = readings.flatMap((reading) => this.#count(reading, of, now) ?? []);
    const serial = readText(id);
    return {
      of,
      kind: of.id,
      channel,
      sent,
      ...(/[^0]/.test(serial) && { serial }),
      counted: counted.sort((one, other) => (one.at ?? 0) - (other.at ?? 0)),
    };
  }

  #count({ stamp, content }: SentReading, kind: SubMeterKind, now: number): Counted | undefined {
    const at = stamp === '' ? undefined : this.#options.readStamp(stamp, now);
    // A stamp that is no time says that there is no reading.
    if (stamp !== '' && at === undefined) return undefined;
    const sent = parseValue(content);
    const counter = sent && counterOf(kind, unitOf(sent));
    const value = counter && readerOf(counter.property, false)(content);
    if (counter && typeof value === 'number')
      return { counter: counter.id, property: counter.property, value, ...(at !== undefined && { at }) };
    const reason = isUnreadable(value) ? value.reason : 'unknown unit';
    this.#options.remark(`the reading (${content}) of the ${kind.id} meter is left out: ${reason}`);
    return undefined;
  }

  #add(
    id: string,
    { of, serial, channel, sent, counted }: SubMeter,
    into: { readonly nodes: Record<string, Node>; readonly values: Record<string, number | string>; readonly own: OwnTime[] },
  ): void {
    const valve = sent.valve === undefined || sent.valve === '' ? NaN : Number(sent.valve);
    const ean = readText(sent.ean ?? '');
    const isDated = counted.some(({ at }) => at !== undefined);
    const told = {
      ...(Number.isInteger(valve) && { valve }),
      ...(serial !== undefined && { 'serial-number': serial }),
      ...(ean !== '' && { ean }),
      channel,
    };
    const shown = Object.entries(SUB_METER_PROPERTIES).filter(
      ([property]) => property in told || (property === 'measured-at' && isDated),
    );
    const properties: Node['properties'] = Object.fromEntries<Property>([
      ...counted.map(({ counter, property }) => [counter, property] as const),
      ...shown,
    ]);
    into.nodes[id] = subMeterNode(of, Number(id.slice(of.id.length + 1) || 1), {
      ...(serial !== undefined && { serial }),
      properties,
    });
    for (const [property, value] of Object.entries(told)) into.values[`${id}/${property}`] = value;
    for (const { counter, value, at } of counted) if (at === undefined) into.values[`${id}/${counter}`] = value;
    for (const { counter, value, at } of this.#fresh(id, serial, counted))
      into.own.push({ measuredAt: at, values: { [`${id}/${counter}`]: value, [`${id}/measured-at`]: printInstant(at) } });
  }

  /** Readings later than the last one; the newest, also when it was known before this run, so that whoever listens from now on has it. */
  #fresh(id: string, serial: string | undefined, counted: readonly Counted[]): (Counted & { readonly at: number })[] {
    const dated = counted.filter((each): each is Counted & { readonly at: number } => each.at !== undefined);
    const newest = dated.at(-1);
    if (!newest) return [];
    const key = `${id} ${serial ?? ''}`;
    const last = this.#handedOut.get(key);
    this.#handedOut.set(key, newest);
    const since = last?.at ?? this.#options.ids.lastAt(id) ?? -Infinity;
    const later = dated.filter(({ at }) => at > since);
    const isOther = newest.at !== last?.at || newest.value !== last.value;
    const fresh = later.length > 0 ? later : isOther ? [newest] : [];
    if (fresh.length > 0) this.#options.ids.note(id, newest.at);
    return fresh;
  }
}

/** An ACE4000 sends the id of its gas meter under an M-Bus channel, and its readings elsewhere. */
function adoptId(channels: readonly Channel[]): readonly Channel[] {
  const ace = channels.find(({ channel }) => channel === ACE_CHANNEL);
  if (!ace) return channels;
  const bare = channels.find(({ id, type, readings }) => id !== undefined && type === undefined && readings.length === 0);
  return channels.filter((channel) => channel !== bare).map((channel) => (channel === ace ? { ...bare, ...ace } : channel));
}

function isLive({ kind, counted }: SubMeter, meters: readonly SubMeter[]): boolean {
  const newest = counted.at(-1);
  if (!newest) return false;
  const latest = Math.max(...meters.flatMap((meter) => (meter.kind === kind ? meter.counted.map(({ at = 0 }) => at) : [])));
  return newest.at === undefined || latest - newest.at <= STALE_MS;
}

function hasSame(channels: readonly Channel[], others: readonly Channel[]): boolean {
  return channels.length === others.length && channels.every((channel, index) => isSame(channel, others[index]));
}

function isSame(one: Channel, other: Channel | undefined): boolean {
  return (
    one.channel === other?.channel &&
    one.type === other.type &&
    one.id === other.id &&
    one.ean === other.ean &&
    one.valve === other.valve &&
    one.readings.length === other.readings.length &&
    one.readings.every(({ stamp, content }, at) => other.readings[at]?.stamp === stamp && other.readings[at].content === content)
  );
}
