import type { Choice, Inherited, Section, Setting, Table } from '../model/settings.js';
import { keyOf, type Written } from './written.js';

/** A key that may be set, with what was written for it. */
export interface Leaf {
  readonly path: readonly string[];
  readonly setting: Setting;
  /** Whether its absence is a problem. */
  readonly required: boolean;
  /** Where the value comes from when nothing is written for this key itself: the same key of a section that all share. */
  readonly inheritsFrom?: readonly string[];
  /** What was written last for this key, or for the one it inherits from. */
  readonly written?: Written;
}

/** What may stand in the settings of one environment, once every `type` in it is known. By dotted keys. */
export interface Outline {
  readonly leaves: ReadonlyMap<string, Leaf>;
  readonly sections: ReadonlySet<string>;
  /** Sections of an unknown `type`, whose other keys cannot be judged. */
  readonly open: ReadonlySet<string>;
}

/** A declared section at its place. */
export interface Part {
  readonly path: readonly string[];
  readonly section: Section;
  /** Whether its keys need not be there: defaults for others, or those of something switched off. */
  readonly lenient?: boolean;
  /** Whether more keys belong to it, which are not known since its `type` is not. */
  readonly open?: boolean;
}

/** What was written last for each dotted key. */
export type WrittenByKey = ReadonlyMap<string, Written>;

/** Lays the declared sections out as keys, following each `type` that was written and each inheritance. */
export function outlineOf(parts: readonly Part[], written: WrittenByKey): Outline {
  const leaves = new Map<string, Leaf>();
  const sections = new Set<string>();
  const open = new Set<string>();
  for (const part of parts) {
    if (part.open === true) open.add(keyOf(part.path));
    layOut(part.section, { path: part.path, required: part.lenient !== true });
  }
  return { leaves, sections, open };

  function layOut(section: Section, at: { path: readonly string[]; required: boolean; inheritsFrom?: readonly string[] }): void {
    if (at.path.length > 0) sections.add(keyOf(at.path));
    for (const [name, member] of Object.entries(section)) {
      const below = { ...at, path: [...at.path, name], ...(at.inheritsFrom && { inheritsFrom: [...at.inheritsFrom, name] }) };
      if (isSetting(member)) leaves.set(keyOf(below.path), leafAt(member, below));
      else if (isInherited(member)) layOut(member.section, { ...below, inheritsFrom: [member.inherits] });
      else if (isTable(member)) layOut(named(member, below.path), below);
      else layOut(isChoice(member) ? chosen(member, below.path) : member, below);
    }
  }

  function chosen({ choice, default: usual }: Choice, path: readonly string[]): Section {
    const type = written.get(keyOf([...path, 'type']))?.value ?? usual;
    const section = typeof type === 'string' && Object.hasOwn(choice, type) ? choice[type] : undefined;
    if (section === undefined) open.add(keyOf(path));
    return { type: { doc: 'Which kind it is', format: Object.keys(choice), default: usual }, ...section };
  }

  function named({ each }: Table, path: readonly string[]): Section {
    const keys = [...written.values()].flatMap((one) => {
      const name = one.path[path.length];
      const isBelow = one.path.length === path.length + 1 && path.every((part, index) => one.path[index] === part);
      return isBelow && name !== undefined && isUserKey(name) ? [name] : [];
    });
    return Object.fromEntries(keys.map((key) => [key, each]));
  }

  function leafAt(setting: Setting, { path, inheritsFrom, required }: Omit<Leaf, 'setting'>): Leaf {
    const found = written.get(keyOf(path)) ?? (inheritsFrom && written.get(keyOf(inheritsFrom)));
    return {
      path,
      setting,
      required: required && setting.default === undefined && setting.optional !== true,
      ...(inheritsFrom && { inheritsFrom }),
      ...(found && { written: found }),
    };
  }
}

type Member = Section[string];

function isSetting(member: Member): member is Setting {
  return 'format' in member && (typeof member.format === 'string' || Array.isArray(member.format));
}

function isInherited(member: Member): member is Inherited {
  return 'inherits' in member && typeof member.inherits === 'string';
}

function isTable(member: Member): member is Table {
  return 'each' in member && isSetting(member.each);
}

/** Whether users may name a section or a key so: convict cannot hold a name with a dot, and takes `constructor` and its like for sections it has. */
export function isUserKey(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name) && !(name in Object.prototype);
}

function isChoice(member: Member): member is Choice {
  return 'choice' in member && 'default' in member && typeof member.default === 'string';
}
