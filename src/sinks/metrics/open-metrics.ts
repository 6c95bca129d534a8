import { printNumber } from '../../model/decimal.js';

/** Labels of a sample, in the order in which they are written. */
export type Labels = Readonly<Record<string, string>>;

/** One value of a family. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** What is measured: samples that differ in their labels only. `name` is without the suffix of its type. */
export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'stateset';
  /** The base unit that the name ends with. */
  readonly unit?: 'seconds';
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** The media type of what `printFamilies` gives. OpenMetrics 1.0, "Protocol Negotiation". */
export const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** Families as text, in their order. OpenMetrics 1.0, "Text format". */
export function printFamilies(families: readonly Family[]): string {
  return `${families.map(printFamily).join('')}# EOF\n`;
}

function printFamily({ name, type, unit, help, samples }: Family): string {
  const suffix = type === 'counter' ? '_total' : '';
  const lines = [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${escape(help)}`,
    ...samples.map(({ labels, value }) => `${name}${suffix}${printLabels(labels)} ${printNumber(value)}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function printLabels(labels: Labels): string {
  const printed = Object.entries(labels).map(([name, value]) => `${name}="${escape(value)}"`);
  return printed.length > 0 ? `{${printed.join(',')}}` : '';
}

/** "Escaping": line feed, double quote and backslash. */
function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
