import { pickNodes, type Device, type Nodes } from '../../model/device.js';
import { electricityMeter } from '../../model/models/electricity-meter.js';
import { hasSame, type OwnTime } from './own-time.js';

/** What a telegram shows of its meter. */
export interface Shown {
  readonly model: string;
  readonly serial: string | undefined;
  /** Of its values. */
  readonly paths: readonly string[];
  /** What it brings that was measured at another time. */
  readonly own: readonly OwnTime[];
  /** Nodes that are not in the catalogue; the same objects while nothing changes. */
  readonly nodes: readonly Nodes[];
}

/** The device of one port: the same object while the telegrams have the same shape. */
export class Tree {
  readonly #identity: Pick<Device, 'id' | 'name'>;
  #device: Device | undefined;
  /** What `#device` was made for. */
  #paths: readonly string[] = [];
  #nodes: readonly Nodes[] = [];
  /** Values with a time of their own come seldom and stay declared. */
  readonly #ownPaths = new Set<string>();

  constructor({ id, name }: Pick<Device, 'id' | 'name'>) {
    this.#identity = { id, name };
  }

  deviceOf({ model, serial, paths, own, nodes }: Shown): Device {
    const known = this.#device;
    const before = this.#ownPaths.size;
    for (const { values: others } of own) for (const path of Object.keys(others)) this.#ownPaths.add(path);
    const isSame =
      known?.model === model &&
      known.serial === serial &&
      this.#ownPaths.size === before &&
      hasSame(nodes, this.#nodes) &&
      hasSame(paths, this.#paths);
    if (known && isSame) return known;
    this.#paths = paths;
    this.#nodes = nodes;
    this.#device = {
      ...this.#identity,
      model,
      ...(serial !== undefined && { serial }),
      nodes: Object.assign({}, pickNodes(electricityMeter, new Set([...paths, ...this.#ownPaths])), ...nodes) as Nodes,
    };
    return this.#device;
  }
}
