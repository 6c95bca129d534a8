/** What may stand in the name of a file: the device, the meter's local day, the local time of the first reading in it. */
const PLACEHOLDERS = {
  device: '[a-z0-9-]+',
  date: '\\d{4}-\\d{2}-\\d{2}',
  time: '\\d{14}',
} as const;

/** What the placeholders stand for in one name. */
export type Parts = Readonly<Partial<Record<keyof typeof PLACEHOLDERS, string>>>;

/** What stands behind the path of a file that is being written, and of one that is packed. */
export const ENDINGS = { open: '.part', packed: '.gz' } as const;

const PLACEHOLDER = /\{(\w+)\}/g;

/**
 * What is wrong with a template for paths, in words.
 * @param template such as `{device}/{date}.csv`
 * @returns undefined when it is one, and none of its paths can leave the folder
 */
export function templateProblem(template: string): string | undefined {
  const unknown = [...template.matchAll(PLACEHOLDER)].find(([, name = '']) => !Object.hasOwn(PLACEHOLDERS, name));
  if (unknown) return `${unknown[0]} stands for nothing: expected {device}, {date} or {time}`;
  // Neither a way up, nor an absolute one, nor a name that is hidden or ours.
  const steps = template.split('/');
  const isInside = steps.every((step) => /^[^.\\\p{Cc}][^\\\p{Cc}]*$/u.test(step));
  if (!isInside) return 'expected a path inside the folder, without steps that are empty or begin with a dot';
  return /\.[a-z]+$/.test(template) ? undefined : 'expected a name with an ending such as .csv';
}

/** Fills a template. Whatever a part holds, the path stays inside its folder. */
export function fill(template: string, parts: Parts): string {
  return template.replaceAll(PLACEHOLDER, (_, name: keyof Parts) => (parts[name] ?? '').replaceAll(/[^A-Za-z0-9_-]/g, '_'));
}

/** The path of a file: `2026-01-15.csv`, the second of that name `2026-01-15-2.csv`. */
export function numbered(path: string, number: number): string {
  return number === 1 ? path : path.replace(/(\.[a-z]+)$/, `-${number}$1`);
}

/** What a file is, by its path below the folder; undefined when the template did not make it. */
export type Recognise = (path: string) => { readonly state: 'open' | 'closed' | 'packed'; readonly parts: Parts } | undefined;

/** Makes what recognises the files of a template. */
export function recogniser(template: string): Recognise {
  const names: (keyof Parts)[] = [];
  const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const pattern = template
    .split(PLACEHOLDER)
    .map((text, index, { length }) => {
      if (index === length - 1) return escape(text).replace(/(\\\.[a-z]+)$/, '(?:-\\d+)?$1');
      if (index % 2 === 0) return escape(text);
      const name = text as keyof Parts;
      names.push(name);
      return `(${PLACEHOLDERS[name]})`;
    })
    .join('');
  const whole = new RegExp(`^${pattern}(\\.part|\\.gz)?$`);
  return (path) => {
    const match = whole.exec(path);
    if (!match) return undefined;
    const ending = match[names.length + 1];
    const parts = Object.fromEntries(names.map((name, index) => [name, match[index + 1]]));
    return { state: ending === undefined ? 'closed' : ending === ENDINGS.open ? 'open' : 'packed', parts };
  };
}
