import type { Property } from '../../model/device.js';
import type { Quantity } from '../../model/quantity.js';
import type { Unit } from '../../model/unit.js';

/** How statistics are made of a sensor's values. Home Assistant, "Sensor entity", state classes. */
export type StateClass = 'measurement' | 'total_increasing';

/** What Home Assistant has to know of a sensor to accept it, convert it and add it up. */
export interface SensorTraits {
  readonly device_class?: string;
  /** By the kind of the property; none where Home Assistant allows none, or none makes sense. */
  readonly state_class: Readonly<Partial<Record<Property['kind'], StateClass>>>;
  /** Makes a state of a payload. */
  readonly value_template?: string;
}

const COUNTED = { total: 'total_increasing' } as const;
const MEASURED = { instant: 'measurement' } as const;

/**
 * What the quantities are to Home Assistant. Its `sensor/const.py` holds the device classes, with the units (DEVICE_CLASS_UNITS) and state classes
 * (DEVICE_CLASS_STATE_CLASSES) that each allows.
 */
export const SENSORS = {
  energy: { device_class: 'energy', state_class: COUNTED },
  'reactive-energy': { device_class: 'reactive_energy', state_class: COUNTED },
  'apparent-energy': { state_class: COUNTED },
  power: { device_class: 'power', state_class: MEASURED },
  'reactive-power': { device_class: 'reactive_power', state_class: MEASURED },
  'apparent-power': { device_class: 'apparent_power', state_class: MEASURED },
  'power-factor': { device_class: 'power_factor', state_class: MEASURED },
  voltage: { device_class: 'voltage', state_class: MEASURED },
  current: { device_class: 'current', state_class: MEASURED },
  frequency: { device_class: 'frequency', state_class: MEASURED },
  gas: { device_class: 'gas', state_class: COUNTED },
  water: { device_class: 'water', state_class: COUNTED },
  // What carries heat goes in circles: `water` would count it as consumed.
  'heat-volume': { device_class: 'volume', state_class: COUNTED },
  flow: { device_class: 'volume_flow_rate', state_class: MEASURED },
  temperature: { device_class: 'temperature', state_class: MEASURED },
  // `temperature` would convert 18.3 K to −254.8 °C.
  'temperature-difference': { device_class: 'temperature_delta', state_class: MEASURED },
  duration: { device_class: 'duration', state_class: { ...COUNTED, ...MEASURED } },
  count: { state_class: { ...COUNTED, ...MEASURED } },
  code: { state_class: {} },
  time: { device_class: 'timestamp', state_class: {} },
  // A state holds 255 characters: of a longer text nothing would be shown.
  text: { state_class: {}, value_template: '{{ value[:255] }}' },
} as const satisfies Record<Quantity, SensorTraits>;

/** How Home Assistant spells the units; of a unit that its device class does not know it refuses the whole entity. */
export const HOME_ASSISTANT_UNITS = {
  Wh: 'Wh',
  kWh: 'kWh',
  MWh: 'MWh',
  GWh: 'GWh',
  J: 'J',
  kJ: 'kJ',
  MJ: 'MJ',
  GJ: 'GJ',
  cal: 'cal',
  kcal: 'kcal',
  Mcal: 'Mcal',
  Gcal: 'Gcal',
  W: 'W',
  kW: 'kW',
  MW: 'MW',
  GW: 'GW',
  var: 'var',
  kvar: 'kvar',
  varh: 'varh',
  kvarh: 'kvarh',
  VA: 'VA',
  kVA: 'kVA',
  VAh: 'VAh',
  kVAh: 'kVAh',
  V: 'V',
  A: 'A',
  Hz: 'Hz',
  l: 'L',
  'm³': 'm³',
  'l/h': 'L/h',
  'm³/h': 'm³/h',
  '°C': '°C',
  K: 'K',
  s: 's',
  h: 'h',
} as const satisfies Record<Unit, string>;
