/** A row of the table that the benchmark prints. */
export interface Figure {
  readonly what: string;
  /** With its unit. */
  readonly measured: string;
  readonly aim?: string;
}

/** The value that a share of the values does not exceed: 0.5 is the median. By nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** A number for people: its thousands apart, with so many decimals. */
export function print(value: number, decimals = 0): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}
