import { closeTelegram } from '../codecs/p1/encode.js';
import { isLow, type Household } from './household.js';
import { fixed, kw, kwh, phasePowers, phasesOf, phaseVoltages, type Phases } from './p1-lines.js';
import { PushingMeter, type PushingMeterOptions } from './pushing-meter.js';

/** A highest quarter of an hour, in watts, with its time as a stamp. */
export interface Peak {
  readonly stamp: string;
  readonly watts: number;
}

/** What a Belgian meter shows. */
export interface FluviusValues {
  /** Tariff 1 is the normal one, unlike in the Netherlands. */
  readonly importWh: readonly [number, number];
  readonly exportWh: readonly [number, number];
  readonly tariff: 1 | 2;
  /** Drawn, or fed in where negative. */
  readonly netW: number;
  readonly phases: Phases;
  /** Average of the quarter that is running. */
  readonly demandW: number;
  /** Of the month that is running. */
  readonly peak: Peak;
  readonly gasLitres: number;
  readonly waterLitres: number;
}

/** Peaks of the months before: the end of each, when the peak was, and how much. */
const PEAKS = Array.from({ length: 13 }, (_, month) => `25${String(1 + (month % 12)).padStart(2, '0')}`)
  .map((month) => `(${month}01000000W)(${month}17114500W)(04.329*kW)`)
  .join('');

/**
 * A telegram of a Belgian meter with made-up numbers, and of its gas and water meters. e-MUCS P1 1.7.1, section 8.
 * @param stamp of the telegram
 * @param hourStamp of the gas and water meters' readings
 */
export function fluviusTelegram(stamp: string, hourStamp: string, values: FluviusValues): Uint8Array {
  const { importWh, exportWh, tariff, netW, phases, demandW, peak, gasLitres, waterLitres } = values;
  const lines = [
    '/FLU5\\250000000_A',
    '',
    '0-0:96.1.4(50217)',
    '0-0:96.1.1(3153414731323334353637383930)',
    `0-0:1.0.0(${stamp})`,
    `1-0:1.8.1(${kwh(importWh[0])})`,
    `1-0:1.8.2(${kwh(importWh[1])})`,
    `1-0:2.8.1(${kwh(exportWh[0])})`,
    `1-0:2.8.2(${kwh(exportWh[1])})`,
    `0-0:96.14.0(000${tariff})`,
    `1-0:1.4.0(${kw(demandW)})`,
    `1-0:1.6.0(${peak.stamp})(${kw(peak.watts)})`,
    `0-0:98.1.0(13)(1-0:1.6.0)(1-0:1.6.0)${PEAKS}`,
    `1-0:1.7.0(${kw(Math.max(netW, 0))})`,
    `1-0:2.7.0(${kw(Math.max(-netW, 0))})`,
    ...phasePowers(phases),
    ...phaseVoltages(phases),
    ...phases.map(({ centiamperes }, index) => `1-0:${2 * index + 3}1.7.0(${fixed(centiamperes, 5, 2)}*A)`),
    '0-0:96.3.10(1)',
    '0-0:17.0.0(999.9*kW)',
    '1-0:31.4.0(999*A)',
    '0-0:96.13.0()',
    '0-1:24.1.0(003)',
    '0-1:96.1.1(37464C4F32313132333435363738)',
    '0-1:24.4.0(1)',
    `0-1:24.2.3(${hourStamp})(${fixed(gasLitres, 8, 3)}*m3)`,
    '0-2:24.1.0(007)',
    '0-2:96.1.1(3853414731323334353637383930)',
    `0-2:24.2.1(${hourStamp})(${fixed(waterLitres, 8, 3)}*m3)`,
    '!',
  ];
  return closeTelegram(lines.join('\r\n'));
}

/** The peak of a simulated month, which its first day had. */
const PEAK_W = 3_189;
const PEAK_DAY = '01184500';

/** A Belgian meter that pushes telegrams by itself. */
export class Fluvius extends PushingMeter<Omit<FluviusValues, 'peak'>> {
  readonly #household: Household;

  constructor(household: Household, options: PushingMeterOptions = {}) {
    super({ timeZone: 'Europe/Brussels', ...options });
    this.#household = household;
  }

  protected override next(now: number): Omit<FluviusValues, 'peak'> {
    const state = this.#household.at(now);
    const [low, normal] = state.importWh;
    const [exportLow, exportNormal] = state.exportWh;
    return {
      ...state,
      importWh: [normal, low],
      exportWh: [exportNormal, exportLow],
      tariff: isLow(state.minute) ? 2 : 1,
      phases: phasesOf(state.phasesW, this.random),
      demandW: this.#household.demandW(now),
    };
  }

  protected override write(
    now: number,
    values: Omit<FluviusValues, 'peak'>,
    printStamp: (instant: number) => string,
  ): Uint8Array {
    const stamp = printStamp(now);
    const peak = { stamp: `${stamp.slice(0, 4)}${PEAK_DAY}${stamp.slice(-1)}`, watts: PEAK_W };
    return fluviusTelegram(stamp, printStamp(this.#household.at(now).hourAt), { ...values, peak });
  }
}
