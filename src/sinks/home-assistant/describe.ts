import type { Device, Node, Property } from '../../model/device.js';
import { nameOnBroker } from '../homie-settings.js';
import { HOMIE_STATES, propertyTopic, stateTopic, type HomieState } from '../homie-topics.js';
import { HOME_ASSISTANT_UNITS, SENSORS, type SensorTraits, type StateClass } from './quantities.js';

/** A topic that says whether an entity is available. */
interface Availability {
  readonly topic: string;
  readonly value_template: string;
}

/** One entity. Home Assistant, "MQTT sensor" and "MQTT binary sensor". */
export interface Component {
  readonly platform: 'sensor' | 'binary_sensor';
  /** Null: the entity is called like its device. */
  readonly name: string | null;
  readonly unique_id: string;
  readonly state_topic: string;
  readonly device_class?: string;
  readonly state_class?: StateClass;
  readonly unit_of_measurement?: string;
  readonly value_template?: string;
  readonly options?: readonly string[];
  readonly payload_on?: string;
  readonly payload_off?: string;
  readonly entity_category?: 'diagnostic';
  readonly availability?: readonly Availability[];
}

/** All components that a device has, by their ids. */
export type Components = Readonly<Record<string, Component>>;

/** A device with all its entities in one message. Home Assistant, "MQTT", "Device discovery payload". */
export interface Discovery {
  readonly device: Readonly<Record<string, string | readonly string[]>>;
  readonly origin: { readonly name: string; readonly sw_version: string };
  readonly qos: 1;
  /** Of every component that has none of its own. */
  readonly availability: readonly Availability[];
  readonly components: Components;
}

/** Whose topics a device is announced with, and by whom. */
export interface Announcement {
  /** First level of the Homie topics. */
  readonly root: string;
  /** The program's name and version. */
  readonly implementation: string;
}

/** What is measured is available while it is fresh. */
const FRESH: readonly HomieState[] = ['ready'];
/** What the program says of the meter and of itself holds as long as the program is there; just when the meter is silent it is worth reading. */
const PRESENT: readonly HomieState[] = ['init', 'ready', 'alert'];
/** The node of every device that the pipeline makes. */
const METER_NODE = 'meter';

/** Where a device is announced. Home Assistant, "MQTT", "Discovery topic": ids of `[a-zA-Z0-9_-]`. */
export function discoveryTopic(prefix: string, root: string, device: string): string {
  return `${prefix}/device/${nameOnBroker(root, device)}/config`;
}

/** Announces a device: every property is an entity, and so is its state. */
export function describe(device: Device, { root, implementation }: Announcement): Discovery {
  const id = nameOnBroker(root, device.id);
  const space = implementation.lastIndexOf(' ');
  const { name, manufacturer, model, serial } = device;
  return {
    device: {
      identifiers: [id],
      name,
      ...(manufacturer !== undefined && { manufacturer }),
      ...(model !== undefined && { model }),
      ...(serial !== undefined && { serial_number: serial }),
    },
    origin: { name: implementation.slice(0, space), sw_version: implementation.slice(space + 1) },
    qos: 1,
    availability: [availableWhile(FRESH, root, device)],
    components: { ...describeProperties(device, root, id), state: describeState(device, root, id) },
  };
}

/**
 * A config that takes components out of Home Assistant: those that are gone are named with their platform alone. The config without them follows it.
 * @param gone platform by component id
 */
export function withoutComponents(config: Discovery, gone: Readonly<Record<string, string>>): object {
  const removed = Object.entries(gone).map(([id, platform]) => [id, { platform }] as const);
  return { ...config, components: { ...config.components, ...Object.fromEntries(removed) } };
}

function describeProperties(device: Device, root: string, id: string): Components {
  const all = Object.entries(device.nodes).flatMap(([nodeId, node]) =>
    Object.entries(node.properties).map(([propertyId, property]) => ({ nodeId, node, propertyId, property })),
  );
  const isAmbiguous = (name: string): boolean => all.filter(({ property }) => property.name === name).length > 1;
  return Object.fromEntries(
    all.map(({ nodeId, node, propertyId, property }): [string, Component] => {
      const componentId = `${nodeId}_${propertyId}`;
      const component = {
        name: nameOf(device, node, property, isAmbiguous(property.name)),
        unique_id: `${id}_${componentId}`,
        state_topic: propertyTopic(root, device.id, `${nodeId}/${propertyId}`),
        ...(property.diagnostic && { entity_category: 'diagnostic' as const }),
        ...(nodeId === METER_NODE && { availability: [availableWhile(PRESENT, root, device)] }),
      };
      return [componentId, { ...component, ...traitsOf(property) }];
    }),
  );
}

function traitsOf({ datatype, quantity, kind, unit }: Property): Partial<Component> & Pick<Component, 'platform'> {
  if (datatype === 'boolean') return { platform: 'binary_sensor', payload_on: 'true', payload_off: 'false' };
  const { state_class: stateClasses, ...traits }: SensorTraits = SENSORS[quantity];
  const stateClass = stateClasses[kind];
  return {
    platform: 'sensor',
    ...traits,
    ...(stateClass && { state_class: stateClass }),
    ...(unit && { unit_of_measurement: HOME_ASSISTANT_UNITS[unit] }),
  };
}

/** Always available: `lost` and `disconnected` are said by it alone. */
function describeState(device: Device, root: string, id: string): Component {
  return {
    platform: 'sensor',
    name: 'State',
    unique_id: `${id}_state`,
    state_topic: stateTopic(root, device.id),
    device_class: 'enum',
    options: HOMIE_STATES,
    entity_category: 'diagnostic',
    availability: [],
  };
}

/** Home Assistant puts the device's name before an entity's: it is not repeated. Of properties with one name the node tells which is meant. */
function nameOf(device: Device, node: Node, property: Property, ambiguous: boolean): string | null {
  const name = ambiguous ? `${node.name}: ${property.name}` : property.name;
  if (!name.toLowerCase().startsWith(device.name.toLowerCase())) return name;
  return name.slice(device.name.length).replace(/^[\s:,-]+/, '') || null;
}

function availableWhile(states: readonly HomieState[], root: string, device: Device): Availability {
  const list = states.map((state) => `'${state}'`).join(', ');
  return {
    topic: stateTopic(root, device.id),
    value_template: `{{ 'online' if value in [${list}] else 'offline' }}`,
  };
}
