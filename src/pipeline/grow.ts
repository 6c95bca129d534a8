import { isDeepStrictEqual } from 'node:util';
import type { Device, Node, Nodes, Property } from '../model/device.js';
import type { Json } from '../model/ports.js';
import { QUANTITIES } from '../model/quantity.js';
import { UNITS } from '../model/unit.js';

/**
 * A device that has all that `known` and `seen` have: what a meter has shown once stays in its tree when a telegram is shorter. Where both have
 * a property or an identity, what was seen now is right.
 * @returns `known` itself when nothing is new
 */
export function grow(known: Device, seen: Device): Device {
  const nodes: Record<string, Node> = {};
  for (const id of new Set([...Object.keys(seen.nodes), ...Object.keys(known.nodes)])) {
    const [older, newer] = [known.nodes[id], seen.nodes[id]];
    const node = newer ?? older;
    if (node) nodes[id] = { ...older, ...node, properties: { ...older?.properties, ...node.properties } };
  }
  const grown = { ...known, ...seen, nodes };
  return isDeepStrictEqual(grown, known) ? known : grown;
}

/** What of a device is remembered over restarts. Its id and name are the settings'. */
export type RememberedDevice = Omit<Device, 'id' | 'name'>;

/** A device as it goes into the state, with the fingerprint of the program that knew it. */
export function rememberDevice({ nodes, manufacturer, model, serial }: Device, fingerprint: string): Json {
  return { fingerprint, manufacturer, model, serial, nodes: nodes as unknown as Json };
}

/**
 * A device as it comes out of the state.
 * @returns undefined when the state holds none, one of another program version or client, or one that does not fit the closed sets: the tree then
 *   starts anew, from what the meter sends
 */
export function recallDevice(remembered: unknown, fingerprint: string): RememberedDevice | undefined {
  if (!isRecord(remembered) || remembered.fingerprint !== fingerprint || !isNodes(remembered.nodes)) return undefined;
  return {
    ...(typeof remembered.manufacturer === 'string' && { manufacturer: remembered.manufacturer }),
    ...(typeof remembered.model === 'string' && { model: remembered.model }),
    ...(typeof remembered.serial === 'string' && { serial: remembered.serial }),
    nodes: remembered.nodes,
  };
}

const DATATYPES: ReadonlySet<unknown> = new Set(['float', 'integer', 'boolean', 'string']);
const KINDS: ReadonlySet<unknown> = new Set(['total', 'instant', 'state']);

function isNodes(value: unknown): value is Nodes {
  return isRecord(value) && Object.entries(value).every(([id, node]) => isId(id) && isNode(node));
}

function isNode(value: unknown): value is Node {
  if (!isRecord(value) || typeof value.name !== 'string' || typeof value.type !== 'string' || !isRecord(value.properties))
    return false;
  return Object.entries(value.properties).every(([id, property]) => isId(id) && isProperty(property));
}

function isProperty(value: unknown): value is Property {
  if (!isRecord(value) || typeof value.name !== 'string') return false;
  const unitKnown = value.unit === undefined || (typeof value.unit === 'string' && value.unit in UNITS);
  const quantityKnown = typeof value.quantity === 'string' && value.quantity in QUANTITIES;
  return unitKnown && quantityKnown && DATATYPES.has(value.datatype) && KINDS.has(value.kind);
}

function isId(text: string): boolean {
  return /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(text);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
