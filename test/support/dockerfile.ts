/** One instruction of a Dockerfile, continued lines joined. */
interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/**
 * What a linter has against a Dockerfile. The rules are those of hadolint that can apply here, by its codes.
 * @returns one line for each finding
 */
export function lintDockerfile(text: string): string[] {
  const instructions = parse(text);
  const last = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
  return [
    ...instructions.flatMap((each) =>
      RULES.filter(({ of, broken }) => of.includes(each.name) && broken(each.rest)).map(
        ({ code }) => `${code}: ${each.name} ${each.rest}`,
      ),
    ),
    ...(last.some(({ name, rest }) => name === 'USER' && !/^(root|0)\b/.test(rest)) ? [] : ['DL3002: the last user is root']),
    ...['ENTRYPOINT', 'CMD']
      .filter((one) => last.filter(({ name }) => name === one).length !== 1)
      .map((name) => `DL4003: one ${name}`),
  ];
}

const RULES: readonly { readonly code: string; readonly of: readonly string[]; readonly broken: (rest: string) => boolean }[] = [
  { code: 'DL3000', of: ['WORKDIR'], broken: (rest) => !rest.startsWith('/') },
  { code: 'DL3003', of: ['RUN'], broken: (rest) => /^cd\b/.test(rest) },
  { code: 'DL3004', of: ['RUN'], broken: (rest) => /\bsudo\b/.test(rest) },
  { code: 'DL3006', of: ['FROM'], broken: (rest) => !/:/.test(rest) },
  { code: 'DL3007', of: ['FROM'], broken: (rest) => /:latest\b/.test(rest) },
  { code: 'DL3020', of: ['ADD'], broken: () => true },
  { code: 'DL3025', of: ['ENTRYPOINT', 'CMD'], broken: (rest) => !/^\[.*\]$/.test(rest) },
  { code: 'DL3061', of: ['MAINTAINER'], broken: () => true },
  { code: 'secret', of: ['ENV', 'ARG'], broken: (rest) => /KEY|PASSWORD|SECRET|TOKEN/i.test(rest) },
  { code: 'secret', of: ['COPY'], broken: (rest) => /^(\.|settings)/.test(rest) },
];

function parse(text: string): Instruction[] {
  return text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
      return { name: name.toUpperCase(), rest };
    });
}
