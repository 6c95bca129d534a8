import type { Telegram } from '../../codecs/p1/telegram.js';
import { CATALOGUE } from '../../model/models/electricity-meter.js';
import { isUnreadable, type LeftOutReason } from './content.js';
import { pathOf, TargetFinder, type Candidate, type ChannelField } from './targets.js';

/** OBIS code → property; the first, where the unit decides between several. */
export const OBJECTS: Readonly<Record<string, string>> = Object.fromEntries(
  CATALOGUE.toReversed().flatMap((row) => (row.obis === undefined ? [] : [[row.obis, pathOf(row)] as const])),
);

/** An object that gave no value. */
export interface LeftOut {
  readonly obis: string;
  readonly content: string;
  readonly reason: LeftOutReason;
}

/** A value with its own time, as sent. */
export interface TimedValue {
  readonly path: string;
  readonly timePath: string;
  readonly stamp: string;
  readonly value: number | string;
}

/** A reading of a sub-meter, as sent: its time, which may be empty, and its value with a unit. */
export interface SentReading {
  readonly stamp: string;
  readonly content: string;
}

/** What a telegram says of one M-Bus channel, as sent. */
export interface Channel {
  readonly channel: number;
  type?: string;
  id?: string;
  ean?: string;
  valve?: string;
  readonly readings: SentReading[];
}

/** What a telegram says. */
export interface Mapped {
  /** In the units of the catalogue; a fresh object, for the caller to complete. */
  readonly values: Record<string, number | string>;
  readonly timed: readonly TimedValue[];
  readonly channels: readonly Channel[];
  /** The telegram's own time, as sent. */
  readonly stamp?: string;
  /** Equipment identifier, as printed on the meter. */
  readonly serial?: string;
  /** The contents of the list 0-0:98.1.0: monthly peaks in Belgium, the registers at the end of the month in Hungary. */
  readonly list?: readonly string[];
  /** The contents of the log of long power failures. */
  readonly failures?: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

interface Draft {
  readonly values: Record<string, number | string>;
  readonly timed: TimedValue[];
  readonly channels: Channel[];
  readonly leftOut: LeftOut[];
  stamp?: string;
  serial?: string;
  list?: readonly string[];
  failures?: readonly string[];
}

/**
 * Turns the objects of a telegram into the values of an electricity meter and what is read through it. What cannot be read is left out, never zero.
 * @param finder the same for all telegrams of one meter
 */
export function mapTelegram({ objects }: Telegram, finder = new TargetFinder()): Mapped {
  const draft: Draft = { values: {}, timed: [], channels: [], leftOut: [] };
  for (const [index, { obis, contents }] of objects.entries()) {
    const target = finder.find(obis, index);
    switch (target?.role) {
      case 'value':
        addValue(draft, obis, contents, target);
        break;
      case 'channel':
        addToChannel(draft, target.channel, target.field, contents);
        break;
      case 'stamp':
        draft.stamp = contents[0] ?? '';
        break;
      case 'list':
        draft.list = contents;
        break;
      case 'failures':
        draft.failures = contents;
        break;
      case 'values':
        addValues(draft, obis, contents, target.candidates);
        break;
      case undefined:
        leaveOut(draft, obis, contents, 'unknown object');
        break;
      default:
        target satisfies never;
    }
  }
  const { values } = draft;
  const usage = values['power/current-usage'];
  const delivery = values['power/current-delivery'];
  if (typeof usage === 'number' && typeof delivery === 'number') values['power/net-usage'] = usage - delivery;
  const serial = values['identity/equipment-id'];
  if (typeof serial === 'string') draft.serial = serial;
  return draft;
}

function addValue(
  draft: Draft,
  obis: string,
  contents: readonly string[],
  { candidates, isAlias }: { readonly candidates: readonly Candidate[]; readonly isAlias: boolean },
): void {
  const [first] = candidates;
  const isTimed = first?.timePath !== undefined && contents.length === 2;
  const content = isTimed ? (contents[1] ?? '') : contents.length === 1 ? (contents[0] ?? '') : contents.join(')(');
  let reason: LeftOutReason | undefined;
  for (const { path, read, timePath } of candidates) {
    const value = read(content);
    if (isUnreadable(value)) {
      reason ??= value.reason;
      continue;
    }
    if (value === undefined) return;
    if (isTimed && timePath !== undefined) draft.timed.push({ path, timePath, stamp: contents[0] ?? '', value });
    else if (draft.values[path] === undefined) draft.values[path] = value;
    else if (draft.values[path] !== value && !isAlias) leaveOut(draft, obis, contents, 'twice in the telegram');
    return;
  }
  leaveOut(draft, obis, contents, reason ?? 'not understood');
}

function addToChannel({ channels }: Draft, number: number, field: ChannelField, contents: readonly string[]): void {
  let channel = channels.find((each) => each.channel === number);
  if (!channel) channels.push((channel = { channel: number, readings: [] }));
  const [first = '', second] = contents;
  switch (field) {
    case 'type':
    case 'ean':
    case 'valve':
      channel[field] = first;
      break;
    case 'id':
      channel.id ||= first;
      break;
    case 'reading':
      channel.readings.push(second === undefined ? { stamp: '', content: first } : { stamp: first, content: second });
      break;
    case 'dsmr3-reading':
      channel.readings.push({ stamp: first, content: `${contents[6] ?? ''}*${contents[5] ?? ''}` });
      break;
    case 'ace-reading':
      channel.type = GAS_TYPE;
      channel.readings.push({ stamp: (second ?? '').replaceAll(/[-: ]/g, ''), content: first });
      break;
    default:
      field satisfies never;
  }
}

/** M-Bus device type of a gas meter. */
const GAS_TYPE = '003';

/** Such as Luxembourg's fuses, which are one for each direction. */
function addValues(draft: Draft, obis: string, contents: readonly string[], candidates: readonly Candidate[]): void {
  for (const [index, content] of contents.entries()) {
    const candidate = candidates[index];
    const value = candidate?.read(content);
    if (candidate && value !== undefined && !isUnreadable(value)) draft.values[candidate.path] = value;
    else leaveOut(draft, obis, contents, 'not understood');
  }
}

function leaveOut({ leftOut }: Draft, obis: string, contents: readonly string[], reason: LeftOutReason): void {
  leftOut.push({ obis, content: contents.join(')('), reason });
}
