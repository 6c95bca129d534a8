import { closeTelegram } from '../codecs/p1/encode.js';
import { isLow, type Household } from './household.js';
import { fixed, kw, kwh, phasePowers, phasesOf, phaseVoltages, type Phases } from './p1-lines.js';
import { PushingMeter, type PushingMeterOptions } from './pushing-meter.js';

/** What a meter of DSMR 5 shows. */
export interface Dsmr5Values {
  /** Tariff 1 is the low one. */
  readonly importWh: readonly [number, number];
  readonly exportWh: readonly [number, number];
  readonly tariff: 1 | 2;
  /** Drawn, or fed in where negative. */
  readonly netW: number;
  readonly phases: Phases;
  readonly gasLitres: number;
}

/**
 * A telegram of a Dutch meter with made-up numbers, and of its gas meter. DSMR 5.0.2 P1 Companion Standard, section 6.12.
 * @param stamp of the telegram
 * @param gasStamp of the gas meter's reading
 */
export function dsmr5Telegram(stamp: string, gasStamp: string, values: Dsmr5Values): Uint8Array {
  const { importWh, exportWh, tariff, netW, phases, gasLitres } = values;
  const lines = [
    '/ISK5\\2M550T-0000',
    '',
    '1-3:0.2.8(50)',
    `0-0:1.0.0(${stamp})`,
    '0-0:96.1.1(31323334353637383930313233343536)',
    `1-0:1.8.1(${kwh(importWh[0])})`,
    `1-0:1.8.2(${kwh(importWh[1])})`,
    `1-0:2.8.1(${kwh(exportWh[0])})`,
    `1-0:2.8.2(${kwh(exportWh[1])})`,
    `0-0:96.14.0(000${tariff})`,
    `1-0:1.7.0(${kw(Math.max(netW, 0))})`,
    `1-0:2.7.0(${kw(Math.max(-netW, 0))})`,
    '0-0:96.7.21(00013)',
    '0-0:96.7.9(00003)',
    '1-0:99.97.0(2)(0-0:96.7.19)(200508142432W)(0000011432*s)(210110031544W)(0000000301*s)',
    '1-0:32.32.0(00002)',
    '1-0:52.32.0(00002)',
    '1-0:72.32.0(00001)',
    '1-0:32.36.0(00001)',
    '1-0:52.36.0(00001)',
    '1-0:72.36.0(00001)',
    '0-0:96.13.0()',
    ...phaseVoltages(phases),
    ...phases.map(({ centiamperes }, index) => `1-0:${2 * index + 3}1.7.0(${fixed(Math.round(centiamperes / 100), 3, 0)}*A)`),
    ...phasePowers(phases),
    '0-1:24.1.0(003)',
    '0-1:96.1.0(3132333435363738393031323334353637)',
    `0-1:24.2.1(${gasStamp})(${fixed(gasLitres, 8, 3)}*m3)`,
    '!',
  ];
  return closeTelegram(lines.join('\r\n'));
}

/** A Dutch meter of DSMR 5 that pushes telegrams by itself. */
export class Dsmr5 extends PushingMeter<Dsmr5Values> {
  readonly #household: Household;

  constructor(household: Household, options: PushingMeterOptions = {}) {
    super({ timeZone: 'Europe/Amsterdam', ...options });
    this.#household = household;
  }

  protected override next(now: number): Dsmr5Values {
    const state = this.#household.at(now);
    return { ...state, tariff: isLow(state.minute) ? 1 : 2, phases: phasesOf(state.phasesW, this.random) };
  }

  protected override write(now: number, values: Dsmr5Values, printStamp: (instant: number) => string): Uint8Array {
    return dsmr5Telegram(printStamp(now), printStamp(this.#household.at(now).hourAt), values);
  }
}
