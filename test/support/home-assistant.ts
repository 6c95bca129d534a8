import assert from 'node:assert/strict';

/*
 * What Home Assistant accepts, written down by hand from its own sources: `sensor/const.py` (DEVICE_CLASS_UNITS, DEVICE_CLASS_STATE_CLASSES), `const.py`
 * (units), `mqtt/schemas.py`, `mqtt/sensor.py`, `mqtt/binary_sensor.py`, `mqtt/discovery.py` and `energy/validate.py`.
 */

const ENERGY_UNITS = 'J kJ MJ GJ mWh Wh kWh MWh GWh TWh cal kcal Mcal Gcal';
const COUNTERS = 'total total_increasing';

/** Device class → the units and the state classes it allows, separated by blanks. */
const DEVICE_CLASSES: Readonly<Record<string, readonly [units: string, stateClasses: string]>> = {
  apparent_power: ['mVA VA kVA', 'measurement'],
  current: ['A mA', 'measurement'],
  duration: ['d h min s ms', `measurement ${COUNTERS}`],
  energy: [ENERGY_UNITS, COUNTERS],
  enum: ['', ''],
  frequency: ['Hz kHz MHz GHz', 'measurement'],
  gas: ['m³ L ft³ CCF MCF', COUNTERS],
  power: ['mW W kW MW GW TW BTU/h', 'measurement'],
  reactive_energy: ['varh kvarh', COUNTERS],
  reactive_power: ['mvar var kvar', 'measurement'],
  temperature: ['°C °F K', 'measurement'],
  temperature_delta: ['°C °F K', 'measurement'],
  timestamp: ['', ''],
  voltage: ['V mV µV kV MV', 'measurement'],
  volume: ['m³ L mL ft³ CCF MCF gal', COUNTERS],
  volume_flow_rate: ['m³/h m³/min m³/s ft³/min L/h L/min L/s mL/s gal/min', 'measurement'],
  water: ['m³ L ft³ CCF MCF gal', COUNTERS],
};
/** The one class whose unit is optional. */
const POWER_FACTOR_UNITS = ['%', undefined];

const COMMON_KEYS = [
  'platform',
  'name',
  'unique_id',
  'state_topic',
  'device_class',
  'entity_category',
  'availability',
  'value_template',
];
const KEYS: Readonly<Record<string, readonly string[]>> = {
  sensor: [...COMMON_KEYS, 'state_class', 'unit_of_measurement', 'options'],
  binary_sensor: [...COMMON_KEYS, 'payload_on', 'payload_off'],
};

/** A component of a config, as anybody could have written it. */
export type AnyComponent = Readonly<Record<string, unknown>>;

/** A config of a device, as Home Assistant reads it. */
export interface AnyConfig {
  readonly device: Readonly<Record<string, unknown>>;
  readonly origin: Readonly<Record<string, unknown>>;
  readonly availability: unknown;
  readonly components: Readonly<Record<string, AnyComponent>>;
}

/** Fails where Home Assistant would refuse the config or one of its components. */
export function assertAccepted(config: AnyConfig): void {
  const { device, origin, availability, components, ...rest } = config;
  assert.deepEqual(Object.keys(rest), ['qos']);
  assertTexts(device, ['name', 'manufacturer', 'model', 'serial_number'], ['identifiers']);
  assert.ok(Array.isArray(device.identifiers) && device.identifiers.length > 0, 'a device has identifiers');
  assertTexts(origin, ['name', 'sw_version', 'support_url']);
  assert.ok(typeof origin.name === 'string' && origin.name !== '', 'device discovery requires an origin');
  assertAvailability(availability);
  const ids = Object.values(components).map(({ unique_id: id }) => id);
  assert.equal(new Set(ids).size, ids.length, 'unique ids are unique');
  for (const [id, component] of Object.entries(components)) {
    assert.match(id, /^[a-zA-Z0-9_-]+$/);
    assertComponent(id, component, String(device.name));
  }
}

/** Fails where Home Assistant would refuse the component. */
export function assertComponent(id: string, component: AnyComponent, deviceName: string): void {
  const where = `${id}: ${JSON.stringify(component)}`;
  const platform = String(component.platform);
  const allowed = KEYS[platform] ?? assert.fail(`unknown platform, ${where}`);
  for (const key of Object.keys(component)) assert.ok(allowed.includes(key), `${key} is no option, ${where}`);
  assert.ok(typeof component.unique_id === 'string' && component.unique_id !== '', where);
  assert.match(String(component.state_topic), /^[^+#]+$/, where);
  assert.ok(component.name === null || (typeof component.name === 'string' && component.name.trim() !== ''), where);
  assert.ok(!String(component.name).toLowerCase().startsWith(deviceName.toLowerCase()), `repeats the device's name, ${where}`);
  assert.ok([undefined, 'diagnostic'].includes(component.entity_category as string | undefined), where);
  if (component.availability !== undefined) assertAvailability(component.availability);
  if (platform === 'sensor') assertSensor(component, where);
  else assert.notEqual(component.payload_on, component.payload_off, where);
}

/** Whether the Energy dashboard takes a sensor as a counter of this device class. `energy/validate.py`. */
export function suitsEnergyDashboard(component: AnyComponent, deviceClass: 'energy' | 'gas' | 'water'): boolean {
  const [units = ''] = DEVICE_CLASSES[deviceClass] ?? [];
  return (
    component.platform === 'sensor' &&
    component.device_class === deviceClass &&
    units.split(' ').includes(String(component.unit_of_measurement)) &&
    COUNTERS.split(' ').includes(String(component.state_class)) &&
    component.entity_category === undefined
  );
}

function assertSensor(component: AnyComponent, where: string): void {
  const [deviceClass, stateClass, unit] = ['device_class', 'state_class', 'unit_of_measurement'].map(
    (key) => component[key] as string | undefined,
  );
  if (deviceClass === 'enum') {
    assert.ok(Array.isArray(component.options) && component.options.length > 0, `an enum lists its options, ${where}`);
  } else assert.equal(component.options, undefined, `only an enum has options, ${where}`);
  if (deviceClass === 'power_factor') assert.ok(POWER_FACTOR_UNITS.includes(unit), where);
  const [units, stateClasses] = allowedIn(deviceClass) ?? assert.fail(`unknown device class, ${where}`);
  if (units === '') assert.equal(unit, undefined, `no unit is allowed, ${where}`);
  else if (units !== 'any') assert.ok(units.split(' ').includes(String(unit)), `the unit is not one of the class, ${where}`);
  if (stateClass !== undefined) assert.ok(stateClasses.split(' ').includes(stateClass), `state class, ${where}`);
}

/** The units and the state classes of a device class; without one, Home Assistant takes any unit. */
function allowedIn(deviceClass: string | undefined): readonly [units: string, stateClasses: string] | undefined {
  if (deviceClass === undefined) return ['any', `measurement ${COUNTERS}`];
  if (deviceClass === 'power_factor') return ['any', 'measurement'];
  return DEVICE_CLASSES[deviceClass];
}

function assertAvailability(availability: unknown): void {
  assert.ok(Array.isArray(availability));
  for (const each of availability as Record<string, unknown>[]) {
    assert.deepEqual(Object.keys(each).sort(), ['topic', 'value_template']);
    assert.match(String(each.value_template), /^\{\{.*'online'.*'offline'.*\}\}$/);
  }
}

function assertTexts(record: Readonly<Record<string, unknown>>, keys: readonly string[], others: readonly string[] = []): void {
  for (const [key, value] of Object.entries(record)) {
    assert.ok([...keys, ...others].includes(key), `${key} is not known`);
    if (keys.includes(key)) assert.equal(typeof value, 'string', key);
  }
}
