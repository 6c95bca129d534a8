/** A place where values are written: a file, a credential, or one environment variable. */
export interface Source {
  /** As a problem names it. */
  readonly name: string;
  /** Whether its values are text that the key's format still has to read, as those of environment variables are. */
  readonly text: boolean;
  /** Whether what it holds is meant to be secret, so that none of its values is ever shown. */
  readonly hidden: boolean;
  /** Why a secret may not stand here, with what to do about it; absent where it may. */
  readonly refusesSecrets?: string;
}

/** One value as it was written: a TOML value that is no section, an empty section, or a variable's text. */
export interface Written {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly source: Source;
}

/** Every value of a parsed TOML document, with its path, in the document's order. */
export function flatten(table: object, source: Source, path: readonly string[] = []): Written[] {
  return Object.entries(table).flatMap(([name, value]: [string, unknown]) => {
    const here = [...path, name];
    if (isSection(value) && Object.keys(value).length > 0) return flatten(value, source, here);
    return [{ path: here, value, source }];
  });
}

/** Whether a TOML value is a table. */
export function isSection(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** The dotted key of a path, with quotes where TOML needs them, so that no two paths share one. */
export function keyOf(path: readonly string[]): string {
  return path.map((name) => (/^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name))).join('.');
}

/** The environment variable that sets a path. */
export function variableOf(path: readonly string[]): string {
  return VARIABLE_PREFIX + path.map((name) => name.toUpperCase().replaceAll('-', '_')).join('__');
}

/** What the environment variables that are settings begin with. */
export const VARIABLE_PREFIX = 'SMART_METER_';
