const HOUR_MS = 3_600_000;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * When a stamp of a meter in Central Europe is, worked out a second time: by the rule of the European Union (summer time lasts from the last Sunday of March
 * to that of October, changed at 01:00 UTC; directive 2000/84/EC) instead of by a table of zones. Undefined where it is no time.
 */
export function instantOf(stamp: string): number | undefined {
  const [, year, month, day, hour, minute, second, letter] = /^(..)(..)(..)(..)(..)(..)([SW])$/.exec(stamp) ?? [];
  const [y, m, d] = [2000 + Number(year), Number(month), Number(day)];
  const isLeap = y % 4 === 0 && (y % 100 !== 0 || y % 400 === 0);
  const days = m === 2 && isLeap ? 29 : DAYS[m - 1];
  if (days === undefined || d < 1 || d > days || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    return undefined;
  if (letter === undefined || y === 2000 || y === 2070) return undefined;
  const winter = Date.UTC(y, m - 1, d, Number(hour), Number(minute), Number(second)) - HOUR_MS;
  const summer = winter - HOUR_MS;
  return letter === 'S' && summer >= lastSunday(y, 3) && summer < lastSunday(y, 10) ? summer : winter;
}

/** 01:00 UTC on the last Sunday of a month of 31 days. */
function lastSunday(year: number, month: number): number {
  const lastDay = new Date(Date.UTC(year, month - 1, 31, 1));
  return lastDay.getTime() - lastDay.getUTCDay() * 24 * HOUR_MS;
}
