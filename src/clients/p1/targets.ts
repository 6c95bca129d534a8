import { CATALOGUE } from '../../model/models/electricity-meter.js';
import type { Row } from '../../model/models/electricity/row.js';
import { readerOf, readText, type ReadContent } from './content.js';

/** A property that an object may belong to. */
export interface Candidate {
  readonly path: string;
  readonly read: ReadContent;
  /** The property that shows the time of the value, which stands in the bracket before. */
  readonly timePath?: string;
}

/** A field of a sub-meter's channel. */
export type ChannelField = 'type' | 'id' | 'ean' | 'valve' | 'reading' | 'dsmr3-reading' | 'ace-reading';

/** What becomes of an object. */
export type Target =
  | { readonly role: 'value'; readonly candidates: readonly Candidate[]; readonly isAlias: boolean }
  | { readonly role: 'channel'; readonly channel: number; readonly field: ChannelField }
  /** Each bracket is a value of its own. */
  | { readonly role: 'values'; readonly candidates: readonly Candidate[] }
  | { readonly role: 'stamp' | 'list' | 'failures' };

/** M-Bus channels that a meter can have. DSMR 5.0.2 has four. */
const CHANNELS = [1, 2, 3, 4, 5, 6, 7, 8] as const;

/** The channel of the gas meter that an ACE4000 reads, which has objects of its own instead. */
export const ACE_CHANNEL = 0;

const CHANNEL_FIELDS: Readonly<Record<string, ChannelField>> = {
  '24.1.0': 'type',
  '24.2.1': 'reading',
  '24.2.3': 'reading',
  '24.3.0': 'dsmr3-reading',
  '24.4.0': 'valve',
  '96.1.0': 'id',
  '96.1.1': 'id',
  '96.1.2': 'ean',
};

/** OBIS code → what becomes of the object. */
export const TARGETS: ReadonlyMap<string, Target> = new Map<string, Target>([
  ...aliases(valueTargets()),
  ...valueTargets(),
  ...CHANNELS.flatMap((channel) =>
    Object.entries(CHANNEL_FIELDS).map(([code, field]) => [`0-${channel}:${code}`, { role: 'channel', channel, field }] as const),
  ),
  ['7-0:23.1.0', { role: 'channel', channel: ACE_CHANNEL, field: 'ace-reading' }],
  ['7-0:24.4.0', { role: 'channel', channel: ACE_CHANNEL, field: 'valve' }],
  ['0-0:1.0.0', { role: 'stamp' }],
  ['0-0:98.1.0', { role: 'list' }],
  ['1-0:99.97.0', { role: 'failures' }],
  ['1-1:99.97.0', { role: 'failures' }],
  ['1-1:31.4.0', { role: 'values', candidates: candidatesOf('1-1:31.4.0') }],
]);

/** Looks targets up, sooner where a telegram has the objects of the one before in the same order, as most have. */
export class TargetFinder {
  readonly #before: { readonly obis: string; readonly target: Target | undefined }[] = [];

  /** @param index of the object in its telegram */
  find(obis: string, index: number): Target | undefined {
    const before = this.#before[index];
    if (before?.obis === obis) return before.target;
    const target = TARGETS.get(obis);
    this.#before[index] = { obis, target };
    return target;
  }
}

/** The path of a row's property. */
export function pathOf({ node, property }: Row): string {
  return `${node}/${property}`;
}

function candidatesOf(obis: string): Candidate[] {
  return CATALOGUE.filter((row) => row.obis === obis).map((row) => candidateOf(row, true));
}

function valueTargets(): Map<string, Target & { readonly role: 'value' }> {
  const rowsOf = new Map<string, Row[]>();
  for (const row of CATALOGUE) if (row.obis !== undefined) rowsOf.set(row.obis, [...(rowsOf.get(row.obis) ?? []), row]);
  return new Map(
    [...rowsOf].map(([obis, rows]) => [
      obis,
      { role: 'value', candidates: rows.map((row) => candidateOf(row, rows.length === 1)), isAlias: false },
    ]),
  );
}

/** Swiss and some other meters write `1-1:` where others write `1-0:`. */
function aliases(targets: ReadonlyMap<string, Target & { readonly role: 'value' }>): [string, Target][] {
  return [...targets].flatMap(([obis, target]) =>
    obis.startsWith('1-0:') ? [[obis.replace('1-0:', '1-1:'), { ...target, isAlias: true }]] : [],
  );
}

function candidateOf(row: Row, alone: boolean): Candidate {
  // As a key it is a string of which there is only one, which makes it quicker to store under.
  const [path = ''] = Object.keys({ [pathOf(row)]: row });
  const read = row.quantity === 'text' ? textReader(row) : readerOf(row, alone);
  return { path, read, ...(row.timeProperty !== undefined && { timePath: `${row.node}/${row.timeProperty}` }) };
}

/** Remembers the last text, which most telegrams repeat. A message that is empty is one that is over; other texts are then not known. */
function textReader({ node }: Row): ReadContent {
  let last: { readonly content: string; readonly text: string | undefined } | undefined;
  return (content) => {
    if (last?.content !== content) {
      const text = readText(content);
      last = { content, text: text === '' && node !== 'messages' ? undefined : text };
    }
    return last.text;
  };
}
