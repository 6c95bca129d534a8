import type { Json } from '../../model/ports.js';
import { UNITS, type Unit } from '../../model/unit.js';
import type { Recorded } from '../../pipeline/sink.js';
import { byNode } from '../layout.js';
import { select } from '../selection.js';

/** A body, and what it is. */
export interface Body {
  readonly type: string;
  readonly text: string;
}

/** Makes the body of a reading; undefined where the reading has nothing that is wanted. */
export type Layout = (reading: Recorded) => Body | undefined;

const DEFAULT = '{"device":"{device}","name":"{name}","measured_at":"{time}","received_at":"{received}","values":"{values}"}';

/** What a placeholder stands for. */
type Lookup = (reading: Recorded) => Json | undefined;

const PLACEHOLDER = /\{([^{}]*)\}/g;
const PATH = /^([a-z0-9-]+\/[a-z0-9-]+)(?:\s+(\S+))?(?:\s+([0-9]))?$/;

const NAMES: Readonly<Record<string, Lookup>> = {
  device: ({ device }) => device.id,
  name: ({ device }) => device.name,
  serial: ({ device }) => device.serial,
  time: ({ at }) => new Date(at).toISOString(),
  ms: ({ at }) => at,
  s: ({ at }) => Math.floor(at / 1_000),
  received: ({ receivedAt }) => new Date(receivedAt).toISOString(),
  sequence: ({ sequence }) => sequence,
  values: (reading) => {
    const nodes = byNode(reading);
    return Object.keys(nodes).length === 0 ? undefined : nodes;
  },
};

/**
 * Reads a template: JSON whose texts may hold placeholders. A text that is nothing but a placeholder becomes the value itself, a number as a number; where the reading lacks it,
 * its key is left out, and in a list it is null. Within a longer text a value is written as a text, one that is lacking as nothing.
 * @returns the layout, or what is wrong with the template
 */
export function parseTemplate(template = DEFAULT): Layout | string {
  let json: unknown;
  try {
    json = JSON.parse(template);
  } catch {
    return 'expected JSON, with placeholders in its texts: "{energy/imported-total}" in quotes, also for a number';
  }
  const wrong = placeholdersOf(json).find((placeholder) => lookupOf(placeholder) === undefined);
  if (wrong !== undefined)
    return `{${wrong}} stands for nothing: expected ${Object.keys(NAMES).join(', ')} or a value such as {energy/imported-total kWh 3}`;
  const fill = filler(json as Json);
  const wanted = placeholdersOf(json).filter((placeholder) => placeholder === 'values' || PATH.test(placeholder));
  const lookups = wanted.map((placeholder) => lookupOf(placeholder));
  return (reading) => {
    // Hourly gas, say, where only electricity is wanted.
    if (lookups.length > 0 && lookups.every((lookup) => lookup?.(reading) === undefined)) return undefined;
    return { type: 'application/json', text: JSON.stringify(fill(reading) ?? null) };
  };
}

function placeholdersOf(json: unknown): string[] {
  if (typeof json === 'string') return [...json.matchAll(PLACEHOLDER)].map(([, inner = '']) => inner);
  return typeof json === 'object' && json !== null ? Object.values(json).flatMap(placeholdersOf) : [];
}

function lookupOf(placeholder: string): Lookup | undefined {
  if (Object.hasOwn(NAMES, placeholder)) return NAMES[placeholder];
  const [, path, word, decimals] = PATH.exec(placeholder) ?? [];
  if (path === undefined) return undefined;
  // `{grid/voltage-l1 1}`: decimals without a unit.
  const digits = decimals ?? (/^[0-9]$/.test(word ?? '') ? word : undefined);
  const unit = word === digits && decimals === undefined ? undefined : word;
  if (unit !== undefined && !isUnit(unit)) return undefined;
  return (reading) => select(reading, { path, unit, decimals: digits === undefined ? undefined : Number(digits) });
}

function isUnit(word: string): word is Unit {
  return Object.hasOwn(UNITS, word);
}

/** What makes the value that a part of the template stands for. */
function filler(json: Json): Lookup {
  if (typeof json === 'string') return textFiller(json);
  if (typeof json !== 'object' || json === null) return () => json;
  if (Array.isArray(json)) {
    const items = (json as readonly Json[]).map(filler);
    return (reading) => items.map((item) => item(reading) ?? null);
  }
  const members = Object.entries(json).map(([key, member]) => [key, filler(member ?? null)] as const);
  return (reading) => Object.fromEntries(members.map(([key, member]) => [key, member(reading)]));
}

function textFiller(text: string): Lookup {
  const whole = /^\{([^{}]*)\}$/.exec(text)?.[1];
  const lookup = whole === undefined ? undefined : lookupOf(whole);
  if (lookup) return lookup;
  return (reading) =>
    text.replaceAll(PLACEHOLDER, (_, inner: string) => {
      const value = lookupOf(inner)?.(reading);
      return value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
    });
}
