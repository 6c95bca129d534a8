import type { Device, Property } from '../model/device.js';
import type { Unit } from '../model/unit.js';
import type { HomieSettings } from '../sinks/homie-settings.js';

/** The two files that show openHAB a device. */
export interface OpenhabFiles {
  readonly things: string;
  readonly items: string;
}

/** The id of the broker in the things file; a user who has one already puts its id there. */
const BROKER = 'meters';

/** What openHAB takes a unit for; none where it does not parse it: then the item is a plain number. openHAB, "Units of Measurement". */
const DIMENSIONS: Readonly<Record<Unit, string | undefined>> = {
  Wh: 'Energy',
  kWh: 'Energy',
  MWh: 'Energy',
  GWh: undefined,
  J: 'Energy',
  kJ: 'Energy',
  MJ: 'Energy',
  GJ: 'Energy',
  cal: undefined,
  kcal: undefined,
  Mcal: undefined,
  Gcal: undefined,
  W: 'Power',
  kW: 'Power',
  MW: 'Power',
  GW: undefined,
  var: 'Power',
  kvar: undefined,
  varh: 'Energy',
  kvarh: 'Energy',
  VA: 'Power',
  kVA: undefined,
  VAh: undefined,
  kVAh: undefined,
  V: 'ElectricPotential',
  A: 'ElectricCurrent',
  Hz: 'Frequency',
  l: 'Volume',
  'm³': 'Volume',
  'l/h': 'VolumetricFlowRate',
  'm³/h': 'VolumetricFlowRate',
  '°C': 'Temperature',
  K: 'Temperature',
  s: 'Time',
  h: 'Time',
};

/**
 * A device as text files for openHAB's Homie add-on (since 5.1): the broker, the thing, and an item for each channel that the add-on makes of its
 * properties. Units are written down as metadata: without it a difference in K would be shown as a temperature.
 */
export function openhabFiles(
  device: Device,
  { root, mqtt: { url, username } }: Pick<HomieSettings, 'root' | 'mqtt'>,
): OpenhabFiles {
  const { hostname, port, protocol } = new URL(url);
  const secure = protocol === 'mqtts:';
  const broker = [
    `host=${quote(hostname)}`,
    `port=${port || (secure ? 8883 : 1883)}`,
    `secure=${String(secure)}`,
    ...(username === undefined ? [] : [`username=${quote(username)}`, 'password="…"']),
  ];
  const group = device.id.replaceAll('-', '_');
  const items = Object.entries(device.nodes).flatMap(([node, { properties }]) =>
    Object.entries(properties).map(([id, property]) => itemOf(device, `${node}/${id}`, property, itemName(group))),
  );
  return {
    things: [
      `Bridge mqtt:broker:${BROKER} "Broker" [ ${broker.join(', ')} ]`,
      '// Before openHAB 5.1, with the MQTT add-on alone, write mqtt:homie300 in place of homie:device, here and in the items.',
      `Thing homie:device:${BROKER}:${device.id} ${quote(device.name)} (mqtt:broker:${BROKER}) [ deviceid=${quote(device.id)}, basetopic=${quote(root)} ]`,
      '',
    ].join('\n'),
    items: [`Group ${itemName(group)} ${quote(device.name)}`, ...items, ''].join('\n'),
  };
}

function itemOf(device: Device, path: string, property: Property, group: string): string {
  const { unit } = property;
  const channel = `channel=${quote(channelOf(device, path))}`;
  const metadata = unit !== undefined && DIMENSIONS[unit] ? [channel, `unit=${quote(unit)}`] : [channel];
  const name = itemName(`${device.id}/${path}`.replaceAll(/[-/]/g, '_'));
  return `${typeOf(property)} ${name} ${quote(`${property.name} [${patternOf(property)}]`)} (${group}) { ${metadata.join(', ')} }`;
}

/** The add-on makes a group of a node and a channel of a property; what is no letter or digit in an id becomes `_` and its code. */
function channelOf({ id }: Device, path: string): string {
  return `homie:device:${BROKER}:${id}:${path.replaceAll('-', '_2D').replace('/', '#')}`;
}

function typeOf({ datatype, unit }: Property): string {
  if (datatype === 'boolean') return 'Switch';
  if (datatype === 'string') return 'String';
  const dimension = unit && DIMENSIONS[unit];
  return dimension === undefined ? 'Number' : `Number:${dimension}`;
}

function patternOf({ datatype, unit }: Property): string {
  if (datatype === 'boolean' || datatype === 'string') return '%s';
  const number = datatype === 'integer' ? '%.0f' : '%.3f';
  if (unit === undefined) return number;
  return DIMENSIONS[unit] === undefined ? `${number} ${unit}` : `${number} %unit%`;
}

/** Items are named by letters, digits and `_`, and do not begin with a digit. */
function itemName(text: string): string {
  return /^\d/.test(text) ? `_${text}` : text;
}

function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
