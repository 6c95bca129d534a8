import type { Problem } from '../model/errors.js';
import { VARIABLE_PREFIX, variableOf, type Written } from './written.js';

/** The process variable that names the environment: the one `SMART_METER_…` that is no setting. */
const ENVIRONMENT_VARIABLE = 'SMART_METER_ENVIRONMENT';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The settings that environment variables hold: `SMART_METER_` and the path in capitals, `__` between levels.
 * @param sinks names of sinks, so that one with a hyphen is found by its name with an underscore
 */
export function readVariables(env: Variables, sinks: readonly string[]): Written[] {
  return settingsIn(env).map(([name, value]) => {
    const [section = '', ...rest] = name.slice(VARIABLE_PREFIX.length).toLowerCase().split('__');
    const path = [section, ...rest];
    const sink = section === 'sinks' && sinks.find((known) => variableOf([known]) === variableOf(path.slice(1, 2)));
    if (sink !== false && sink !== undefined) path[1] = sink;
    return { path, value, source: { name: `environment variable ${name}`, text: true, hidden: false } };
  });
}

/** Variables cannot say which of several environments they mean. */
export function ambiguousVariables(env: Variables, environments: readonly string[]): Problem[] {
  return settingsIn(env).map(([name]) => ({
    source: `environment variable ${name}`,
    key: '',
    message: `sets one environment alone, and ${environments.join(', ')} run together: write it in their files`,
  }));
}

function settingsIn(env: Variables): [string, string][] {
  return Object.entries(env).flatMap(([name, value]) =>
    name.startsWith(VARIABLE_PREFIX) && name !== ENVIRONMENT_VARIABLE && value !== undefined ? [[name, value]] : [],
  );
}
