import type { LeftOut } from './map.js';
import type { Nodes, Property } from '../../model/device.js';
import type { Values } from '../../model/reading.js';

/** More of them are no meter's, and a tree never shrinks. */
const MAX_OBJECTS = 200;

/** Objects that have no place in the catalogue, or do not fit theirs, as texts under the node `raw`: `1-0:99.9.9` is `raw/1-0-99-9-9`. */
export class RawObjects {
  #nodes: Nodes = {};
  #properties: Readonly<Record<string, Property>> = {};

  /** @returns `nodes` is the same object until there is another one */
  report(leftOut: readonly LeftOut[]): { readonly nodes: Nodes; readonly values: Values } {
    const values: Record<string, string> = {};
    for (const { obis, content } of leftOut) {
      const id = obis.replaceAll(/\D+/g, '-');
      if (!(id in this.#properties)) this.#declare(id, obis);
      if (id in this.#properties) values[`raw/${id}`] = content;
    }
    return { nodes: this.#nodes, values };
  }

  #declare(id: string, obis: string): void {
    if (Object.keys(this.#properties).length >= MAX_OBJECTS) return;
    this.#properties = {
      ...this.#properties,
      [id]: { name: obis, datatype: 'string', quantity: 'text', kind: 'state', diagnostic: true },
    };
    this.#nodes = { raw: { name: 'Objects as sent', type: 'raw', properties: this.#properties } };
  }
}
