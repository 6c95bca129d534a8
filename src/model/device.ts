import type { Quantity } from './quantity.js';
import type { Unit } from './unit.js';

/** The payload types of a property. */
export type Datatype = 'float' | 'integer' | 'boolean' | 'string';

/** One thing a meter can report. `total` only grows, `instant` is a snapshot, `state` is a flag, a code or a text. */
export interface Property {
  readonly name: string;
  readonly datatype: Datatype;
  readonly unit?: Unit;
  readonly quantity: Quantity;
  readonly kind: 'total' | 'instant' | 'state';
  /** About the meter or its reading rather than about what it measures. */
  readonly diagnostic?: true;
}

/** A group of properties: a side of the meter, or a sub-meter with a serial number of its own. */
export interface Node {
  readonly name: string;
  readonly type: string;
  readonly serial?: string;
  readonly properties: Readonly<Record<string, Property>>;
}

/** What a meter can be made of: node id → node. Ids are `[a-z0-9-]`, without a hyphen at either end (Homie 4.0.0, "Topic IDs"). */
export type Nodes = Readonly<Record<string, Node>>;

/** A meter as every sink sees it. Immutable: when a meter turns out to have more, a new Device replaces the old. */
export interface Device {
  readonly id: string;
  readonly name: string;
  readonly manufacturer?: string;
  readonly model?: string;
  readonly serial?: string;
  readonly nodes: Nodes;
}

/** Every `node/property` of a model, so that a misspelt one does not compile. */
export type PropertyPath<M extends Nodes> = {
  [N in keyof M & string]: `${N}/${keyof M[N]['properties'] & string}`;
}[keyof M & string];

/** Declares a catalogue of nodes and properties and keeps its literal ids, so that maps onto it are checked by the compiler. */
export function defineModel<const M extends Nodes>(model: M): M {
  return model;
}

/** The property at `node/property`, or undefined when the nodes have none there. */
export function propertyAt(nodes: Nodes, path: string): Property | undefined {
  const [node = '', property = ''] = path.split('/');
  return nodes[node]?.properties[property];
}

/** Every `node/property` of the nodes, in their order. */
export function pathsOf(nodes: Nodes): string[] {
  return Object.entries(nodes).flatMap(([node, { properties }]) =>
    Object.keys(properties).map((property) => `${node}/${property}`),
  );
}

/** The part of a catalogue that has the given paths, in the catalogue's order, without the nodes that would be empty. */
export function pickNodes(nodes: Nodes, paths: ReadonlySet<string>): Nodes {
  const picked: Record<string, Node> = {};
  for (const [id, node] of Object.entries(nodes)) {
    const properties = Object.entries(node.properties).filter(([property]) => paths.has(`${id}/${property}`));
    if (properties.length > 0) picked[id] = { ...node, properties: Object.fromEntries(properties) };
  }
  return picked;
}
