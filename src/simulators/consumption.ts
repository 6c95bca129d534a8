import { uniform } from './random.js';

/** What a household uses in one minute. */
export interface Consumption {
  /** Of the minute, counted from 1970 in the household's time. */
  readonly minute: number;
  /** Each phase's power in watts; the solar roof feeds into the third, so that it may be negative. */
  readonly phasesW: readonly [number, number, number];
  /** Their sum: from the grid, or into it where negative. */
  readonly netW: number;
  /** Gas and water, millilitres a minute. */
  readonly gasMl: number;
  readonly waterMl: number;
  /** District heating: power in watts, in hundreds; its water in millilitres a minute; hundredths of °C. */
  readonly heatW: number;
  readonly heatMl: number;
  readonly flowCentidegrees: number;
  readonly returnCentidegrees: number;
}

/** What people draw by the hour, on average: asleep, breakfast, away, cooking, evening. Watts. */
const HOURLY_W = [
  170, 150, 140, 140, 150, 210, 460, 690, 560, 340, 300, 360, 640, 520, 330, 310, 390, 700, 1040, 1150, 840, 600, 410, 250,
];

/** A kettle, an iron: for a minute, of which there are a few an hour while people are up. */
const KETTLE_W = 1_700;
const FRIDGE_W = 90;

/** A solar roof's best on the shortest and on the longest day. */
const SOLAR_W = { winter: 700, summer: 2_700 } as const;

/** A litre of water that cools down by a kelvin gives so many watt hours. */
const WATER_WH = 1.163;

/** Each thing that varies by itself has numbers of its own. */
const SALT = { load: 1, kettle: 2, cloud: 3, gas: 4, water: 5, heat: 6 } as const;

/** What a household of that seed uses in a minute, counted from 1970 in its own time. */
export function consumptionOf(seed: number, minute: number): Consumption {
  const dice = (what: keyof typeof SALT, n: number): number => uniform(seed * 8 + SALT[what], n);
  const hour = (minute % 1_440) / 60;
  const quarter = Math.floor(minute / 15);
  /** 1 on the shortest day, -1 on the longest. */
  const winter = Math.cos((2 * Math.PI * (Math.floor(minute / 1_440) + 10)) / 365.25);
  const isUp = hour >= 6 && hour < 23;

  const usual = HOURLY_W[Math.floor(hour)] ?? 0;
  const kettle = isUp && dice('kettle', minute) < 0.03 ? KETTLE_W : 0;
  const fridge = minute % 50 < 16 ? FRIDGE_W : 0;
  const load = Math.round(usual * (0.7 + 0.6 * dice('load', quarter)) * (0.96 + 0.08 * dice('load', -minute))) + kettle + fridge;
  const solar = Math.round(sunshine(hour, winter) * (0.25 + 0.75 * dice('cloud', quarter)));
  const phasesW = [
    Math.round(load * 0.5),
    Math.round(load * 0.3),
    load - Math.round(load * 0.5) - Math.round(load * 0.3) - solar,
  ] as const;

  const warm = isUp ? 1 : 0.4;
  const heatW = Math.round((40 + 35 * winter) * warm * (0.8 + 0.4 * dice('heat', quarter))) * 100;
  const flowCentidegrees = 6_600 + Math.round(500 * winter + 200 * dice('heat', -quarter));
  const returnCentidegrees = flowCentidegrees - 2_900 - Math.round(600 * dice('heat', -minute));
  return {
    minute,
    phasesW,
    netW: load - solar,
    gasMl: Math.round((6_000 + 5_000 * winter) * warm * (0.2 + dice('gas', quarter)) * 0.6),
    waterMl: isUp && dice('water', minute) < 0.06 ? Math.round(8_000 * dice('water', -minute)) : 0,
    heatW,
    heatMl: Math.round((heatW / 60 / (WATER_WH * ((flowCentidegrees - returnCentidegrees) / 100))) * 1_000),
    flowCentidegrees,
    returnCentidegrees,
  };
}

/** Watts of a roof under a clear sky; the sun is highest at one o'clock. */
function sunshine(hour: number, winter: number): number {
  const halfDay = 6 - 2 * winter;
  const peak = (SOLAR_W.summer + SOLAR_W.winter) / 2 - ((SOLAR_W.summer - SOLAR_W.winter) / 2) * winter;
  return Math.abs(hour - 13) < halfDay ? peak * Math.cos(((hour - 13) / halfDay) * (Math.PI / 2)) : 0;
}
