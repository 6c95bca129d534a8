/** A number with leading zeros and that many decimals, `F9(3,3)` for instance: 9 digits of which 3 are decimals. DSMR 5.0.2 P1 Companion Standard. */
export function fixed(integer: number, digits: number, decimals: number): string {
  const text = String(integer).padStart(digits, '0');
  return decimals === 0 ? text : `${text.slice(0, -decimals)}.${text.slice(-decimals)}`;
}

/** An amount of energy as it is sent in kWh. */
export function kwh(wattHours: number): string {
  return `${fixed(wattHours, 9, 3)}*kWh`;
}

/** A power as it is sent in kW. */
export function kw(watts: number): string {
  return `${fixed(watts, 5, 3)}*kW`;
}

/** What one phase shows: power drawn or fed in, volts in tenths, amperes in hundredths. */
export interface Phase {
  readonly watts: number;
  readonly decivolts: number;
  readonly centiamperes: number;
}

/** The first to the third phase. */
export type Phases = readonly [Phase, Phase, Phase];

/** The phases of a household that draws or feeds in so much, at a voltage that wavers. */
export function phasesOf(phasesW: readonly [number, number, number], random: () => number): Phases {
  const phase = (watts: number): Phase => {
    const decivolts = 2_280 + Math.round(50 * random());
    return { watts, decivolts, centiamperes: Math.round((Math.abs(watts) * 1_000) / decivolts) };
  };
  const [first, second, third] = phasesW;
  return [phase(first), phase(second), phase(third)];
}

/** Lines of power drawn on each phase, then of power fed in. */
export function phasePowers(phases: Phases): string[] {
  return [
    ...phases.map(({ watts }, index) => `1-0:${2 * index + 2}1.7.0(${kw(Math.max(watts, 0))})`),
    ...phases.map(({ watts }, index) => `1-0:${2 * index + 2}2.7.0(${kw(Math.max(-watts, 0))})`),
  ];
}

/** Lines of the voltage of each phase. */
export function phaseVoltages(phases: Phases): string[] {
  return phases.map(({ decivolts }, index) => `1-0:${2 * index + 3}2.7.0(${fixed(decivolts, 4, 1)}*V)`);
}
