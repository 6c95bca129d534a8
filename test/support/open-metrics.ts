import { execFileSync, spawnSync } from 'node:child_process';

/** Debian's Python, which has Debian's modules. */
const PYTHON = '/usr/bin/python3';

/** The reference implementation's parser: families as name, type, unit and samples. */
const PARSE = `import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
families = parse(sys.stdin.read())
print(json.dumps([[f.name, f.type, f.unit, [[s.name, s.labels, s.value] for s in f.samples]] for f in families]))`;

/** A family as another implementation of OpenMetrics reads it. */
export interface ReadFamily {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly samples: readonly (readonly [name: string, labels: Readonly<Record<string, string>>, value: number])[];
}

/** The `skip` of a test that needs that other implementation. */
export const skipWithoutParser: string | false =
  spawnSync(PYTHON, ['-c', 'import prometheus_client.openmetrics.parser']).status !== 0 &&
  'not installed: python3-prometheus-client';

/** Reads a text as the reference implementation of OpenMetrics does. @throws when that finds it not valid */
export function parseOpenMetrics(text: string): readonly ReadFamily[] {
  const found = JSON.parse(execFileSync(PYTHON, ['-c', PARSE], { input: text, encoding: 'utf8' })) as readonly (readonly [
    string,
    string,
    string,
    ReadFamily['samples'],
  ])[];
  return found.map(([name, type, unit, samples]) => ({ name, type, unit, samples }));
}
