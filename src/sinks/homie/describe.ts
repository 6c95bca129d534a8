import { printNumber } from '../../model/decimal.js';
import { pathsOf, type Datatype, type Device, type Node, type Property } from '../../model/device.js';
import type { HealthState, Values } from '../../model/reading.js';
import type { HomieState } from '../homie-topics.js';

/** One retained message: where below the device's topic, and what. */
export interface Message {
  readonly subtopic: string;
  readonly payload: string;
}

/** How a meter's health reads as a device's state. */
export const STATES = {
  waiting: 'init',
  ok: 'ready',
  silent: 'alert',
  failing: 'alert',
} as const satisfies Record<HealthState, HomieState>;

/** Homie 4.0.0, "Property Attributes": what the payloads of each of our data types are called there. */
const DATATYPES = {
  float: 'float',
  integer: 'integer',
  boolean: 'boolean',
  string: 'string',
} as const satisfies Record<Datatype, string>;

/** Homie Legacy Stats extension 0.1.1. It makes `$extensions`, which is required and must be retained, more than an empty text, which MQTT cannot retain. */
const STATS_EXTENSION = 'org.homie.legacy-stats:0.1.1:[4.x]';

/** How often a device that has the stats extension must renew its figures. */
export const STATS_INTERVAL_MS = 60_000;

/** Homie Legacy Stats extension 0.1.1: where the seconds since the start are. */
export const UPTIME = '$stats/uptime';

/**
 * All that a device says about itself, in the order of publication: what a list announces comes before the list, so that who follows the list finds it.
 * `$state`, the values and `$stats/uptime` change by themselves and are not among it.
 */
export function describe(device: Device, implementation: string): Message[] {
  const nodes = Object.entries(device.nodes);
  return [
    message('$homie', '4.0.0'),
    message('$name', device.name),
    message('$extensions', STATS_EXTENSION),
    message('$implementation', implementation),
    message('$stats/interval', printNumber(STATS_INTERVAL_MS / 1_000)),
    ...nodes.flatMap(([id, node]) => describeNode(id, node)),
    message('$nodes', nodes.map(([id]) => id).join(',')),
  ];
}

/** Values as they are published, in the device's order; those that the device has no property for are left out. */
export function describeValues(device: Device, values: Values): Message[] {
  return pathsOf(device.nodes).flatMap((path) => {
    const value = values[path];
    return value === undefined ? [] : [message(path, printValue(value))];
  });
}

function describeNode(id: string, node: Node): Message[] {
  const properties = Object.entries(node.properties);
  return [
    ...properties.flatMap(([property, declared]) => describeProperty(`${id}/${property}`, declared)),
    message(`${id}/$name`, node.name),
    message(`${id}/$type`, node.type),
    message(`${id}/$properties`, properties.map(([property]) => property).join(',')),
  ];
}

/** No `$format`: openHAB silently drops values outside a range, and a counter has none. */
function describeProperty(path: string, { name, datatype, unit }: Property): Message[] {
  return [
    message(`${path}/$name`, name),
    message(`${path}/$datatype`, DATATYPES[datatype]),
    ...(unit === undefined ? [] : [message(`${path}/$unit`, unit)]),
    message(`${path}/$settable`, 'false'),
    message(`${path}/$retained`, 'true'),
  ];
}

function printValue(value: number | boolean | string): string {
  return typeof value === 'number' ? printNumber(value) : String(value);
}

/** To MQTT an empty retained payload is a deletion, so an empty text is published as one blank. */
function message(subtopic: string, payload: string): Message {
  return { subtopic, payload: payload === '' ? ' ' : payload };
}
