import assert from 'node:assert/strict';

/** A thing or a bridge of a `.things` file. */
export interface OpenhabThing {
  readonly kind: string;
  readonly uid: string;
  readonly label: string;
  readonly bridge?: string | undefined;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
}

/** An item of an `.items` file. */
export interface OpenhabItem {
  readonly type: string;
  readonly name: string;
  readonly label: string;
  readonly groups: readonly string[];
  readonly metadata: Readonly<Record<string, string | number | boolean>>;
}

const TEXT = String.raw`"((?:[^"\\]|\\.)*)"`;
const THING = new RegExp(String.raw`^(Bridge|Thing) ([\w:-]+) ${TEXT}(?: \(([\w:-]+)\))? \[ (.*) \]$`);
const ITEM = new RegExp(String.raw`^([A-Z]\w*(?::[A-Z]\w*)?) ([A-Za-z_]\w*) ${TEXT}(?: \(([\w, ]+)\))?(?: \{ (.*) \})?$`);
const ENTRY = new RegExp(String.raw`^(\w+)=(?:${TEXT}|(\d+)|(true|false))(?:, |$)`);

/** Reads a `.things` file, one thing a line. openHAB, "Text-based configuration", things: the part of its grammar without nesting. @throws on anything else */
export function parseThings(file: string): OpenhabThing[] {
  return statements(file).map((line) => {
    const [, kind = '', uid = '', label = '', bridge, parameters = ''] = THING.exec(line) ?? assert.fail(`no thing: ${line}`);
    return { kind, uid, label: unquote(label), bridge, parameters: parseEntries(parameters) };
  });
}

/** Reads an `.items` file, one item a line. openHAB, "Text-based configuration", items. @throws on anything else */
export function parseItems(file: string): OpenhabItem[] {
  return statements(file).map((line) => {
    const [, type = '', name = '', label = '', groups, metadata] = ITEM.exec(line) ?? assert.fail(`no item: ${line}`);
    return { type, name, label: unquote(label), groups: groups?.split(', ') ?? [], metadata: parseEntries(metadata ?? '') };
  });
}

function statements(file: string): string[] {
  return file.split('\n').filter((line) => line !== '' && !line.startsWith('//'));
}

function parseEntries(text: string): Record<string, string | number | boolean> {
  const entries: Record<string, string | number | boolean> = {};
  for (let rest = text; rest !== '';) {
    const [whole, key = '', quoted, number, flag] = ENTRY.exec(rest) ?? assert.fail(`no key="value": ${rest}`);
    assert.ok(!(key in entries), `${key} is there twice`);
    entries[key] = quoted !== undefined ? unquote(quoted) : number !== undefined ? Number(number) : flag === 'true';
    rest = rest.slice(whole.length);
  }
  return entries;
}

function unquote(text: string): string {
  return text.replaceAll(/\\(.)/g, '$1');
}
