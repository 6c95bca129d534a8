import { bar, table, type Paint } from '../paint.js';
import { count } from '../options.js';
import type { Finding, HeatFinding, P1Finding, SeenObject } from './finding.js';

/** Width of the column of labels. */
const LABEL = 14;

/** Objects may hold lists; a line of a terminal does not. */
const MAX_CONTENT = 36;

/** What was found at one place, for a person. */
export function describeFinding(finding: Finding, paint: Paint): string {
  const { name } = finding.place;
  switch (finding.kind) {
    case 'p1':
      return lines(paint.good(`● ${name}`), ...describeP1(finding, paint));
    case 'kamstrup':
      return lines(paint.good(`● ${name}`), ...describeHeat(finding, paint));
    case 'head':
      return lines(paint.warn(`◐ ${name}`), label('an IR head', `at ${finding.line}, ${HEARS[finding.hears]}`));
    case 'nothing':
      return lines(paint.bad(`○ ${name}`), ...nothing(finding).map((line) => `  ${line}`));
  }
}

const HEARS = {
  echo: 'that hears only its own echo: there is no meter under it, or it sits askew',
  damaged: 'that hears a meter, but not well: its answers are damaged',
} as const;

function nothing({ reached, bytes, detail }: Extract<Finding, { readonly kind: 'nothing' }>): string[] {
  if (!reached) return [detail];
  return [bytes === 0 ? `silent; ${detail}` : `${count(bytes, 'byte')} that make no sense; ${detail}`];
}

function describeP1(finding: P1Finding, paint: Paint): string[] {
  const { line, encrypted, manufacturer, model, serial, telegrams, damaged, everySeconds, objects } = finding;
  const identity = [manufacturer, model && `/${model}`].filter(Boolean).join(', ');
  const pace = everySeconds === undefined ? '' : `, one every ${everySeconds} s`;
  const spoilt = damaged === 0 ? 'none damaged' : paint.warn(`${damaged} damaged or incomplete`);
  return [
    label('protocol', `P1 at ${line}, ${encrypted ? paint.warn('encrypted') : 'not encrypted'}`),
    ...(identity ? [label('meter', identity)] : []),
    ...(serial === undefined ? [] : [label('serial number', serial)]),
    label('telegrams', `${telegrams}${pace}; ${spoilt}`),
    ...(encrypted ? [label('objects', 'hidden by the encryption')] : []),
    ...(objects.length === 0 ? [] : describeObjects(objects, telegrams, paint)),
  ];
}

function describeObjects(objects: readonly SeenObject[], telegrams: number, paint: Paint): string[] {
  const rows = objects.map(({ obis, property, contents, seen, changed }) => [
    obis,
    shorten(contents.map((content) => `(${content})`).join('')),
    frequency(seen, changed, telegrams),
    property ?? '?',
  ]);
  const [head = '', ...rest] = table([['object', 'last content', 'seen', 'is'], ...rows]);
  return ['', `  ${paint.bold(head)}`, ...rest.map((row) => `  ${row}`)];
}

function frequency(seen: number, changed: number, telegrams: number): string {
  const where = seen === telegrams ? 'always' : `${seen} of ${telegrams}`;
  return changed === 0 ? where : `${where}, changed ${changed}×`;
}

function shorten(text: string): string {
  return text.length <= MAX_CONTENT ? text : `${text.slice(0, MAX_CONTENT - 1)}…`;
}

function describeHeat({ line, manufacturer, model, serial, registers }: HeatFinding, paint: Paint): string[] {
  const rows = registers.map(({ id, property, value }) => [String(id), value, property]);
  const [head = '', ...rest] = table([['register', 'value', 'is'], ...rows]);
  return [
    label('protocol', `KMP at ${line}, by an infrared head; not encrypted`),
    label('meter', [manufacturer, model].filter(Boolean).join(', ')),
    label('serial number', serial),
    ...(rows.length === 0 ? [] : ['', `  ${paint.bold(head)}`, ...rest.map((row) => `  ${row}`)]),
  ];
}

function label(name: string, text: string): string {
  return `  ${name.padEnd(LABEL)}${text}`;
}

function lines(...all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}

/** What an infrared head hears when it asks. */
export type Hearing = 'good' | 'damaged' | 'echo' | 'noise' | 'silent';

/** What to do about each. */
export const ADVICE = {
  good: 'leave it like this',
  damaged: 'nearly: move it by a millimetre, shade it from the sun',
  echo: 'the meter is silent: move it, turn it by 180°, press a button on the meter',
  noise: 'no answer in it: shade it from the sun, or another line speed',
  silent: 'nothing at all: is it an infrared head, is it plugged in?',
} as const satisfies Record<Hearing, string>;

const COLOURS = {
  good: 'good',
  damaged: 'warn',
  echo: 'warn',
  noise: 'bad',
  silent: 'bad',
} as const satisfies Record<Hearing, keyof Paint>;

/** How well a head sits, in a line: what it heard last, and how much of the last ten tries was good. */
export function alignmentLine(tries: readonly Hearing[], paint: Paint): string {
  const last = tries.at(-1) ?? 'silent';
  const recent = tries.slice(-RECENT_TRIES);
  const good = recent.filter((hearing) => hearing === 'good').length;
  const word = paint[COLOURS[last]](last.padEnd(8));
  return `${word} ${bar(good / recent.length)} ${good} of ${recent.length} good   ${paint.dim(ADVICE[last])}`;
}

/** So many tries tell how a head sits now. */
export const RECENT_TRIES = 10;
