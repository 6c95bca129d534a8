import { readFileSync } from 'node:fs';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { ConfigError } from '../model/errors.js';
import { EXIT, Failure, UsageError, type CommandContext, type Options } from './command.js';

type Declared = NonNullable<ParseArgsConfig['options']>;

/** What every command takes beside its context. */
interface Arguments {
  readonly names: readonly string[];
  /** The values of all options, of its own and of those of every command. */
  readonly options: Options;
  /** `--settings`. */
  readonly settings?: string;
}

/** One command of the program. */
interface Command {
  /** What follows its name on the command line. */
  readonly takes: string;
  /** What it does, in lines for the help of the program. */
  readonly does: readonly string[];
  /** Its own options. */
  readonly options?: Declared;
  /** Its own help; without one, that of the program is shown. */
  readonly help?: () => Promise<string>;
  readonly run: (args: Arguments, context: CommandContext) => Promise<number>;
}

/** The commands, loaded when asked for: `check` needs no broker, `run` no demo. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  run: {
    takes: '[environment…]',
    does: ['read meters until told to stop; without names, the', 'environment in $SMART_METER_ENVIRONMENT'],
    run: async ({ names, settings }, context) => (await import('./run.js')).runCommand(names, settings, context),
  },
  check: {
    takes: '<environment>',
    does: ['validate its settings and say what would be done;', 'connects to nothing'],
    run: async ({ names, settings }, context) => (await import('./check.js')).checkCommand(names, settings, context),
  },
  demo: {
    takes: '',
    does: [
      'try it without a meter: runs the environment "dummy"',
      'and shows what is published; brings a broker along',
      'when none is listening',
    ],
    run: async ({ names, settings }, context) => (await import('./demo.js')).demoCommand(names, settings, context),
  },
  describe: {
    takes: '<environment>',
    does: ['show its device with all properties and their topics,', 'as a table, as JSON, or as files for openHAB'],
    options: { json: { type: 'boolean' }, homie: { type: 'boolean' }, openhab: { type: 'boolean' } },
    help: async () => (await import('./describe.js')).HELP,
    run: async ({ names, options }, context) => (await import('./describe.js')).describeCommand(names, options, context),
  },
  probe: {
    takes: '[port…]',
    does: ['find out which meter is at a port, and how to read it'],
    options: {
      head: { type: 'boolean' },
      seconds: { type: 'string' },
      write: { type: 'string' },
      json: { type: 'boolean' },
    },
    help: async () => (await import('./probe/index.js')).HELP,
    run: async ({ names, options }, context) => (await import('./probe/index.js')).probeCommand(names, options, context),
  },
  watch: {
    takes: '<environment>',
    does: ['show its readings as they come, from the meter or the', 'broker; publishes nothing'],
    options: {
      broker: { type: 'boolean' },
      once: { type: 'boolean' },
      seconds: { type: 'string' },
      json: { type: 'boolean' },
    },
    help: async () => (await import('./watch/index.js')).HELP,
    run: async ({ names, options }, context) => (await import('./watch/index.js')).watchCommand(names, options, context),
  },
  simulate: {
    takes: '<meter>',
    does: ['a meter to play with, at a serial or a TCP port'],
    options: {
      pty: { type: 'string' },
      port: { type: 'string' },
      address: { type: 'string' },
      interval: { type: 'string' },
      seed: { type: 'string' },
      fault: { type: 'string' },
    },
    help: async () => (await import('./simulate.js')).HELP,
    run: async ({ names, options }, context) => (await import('./simulate.js')).simulateCommand(names, options, context),
  },
  record: {
    takes: '<environment>',
    does: ['record what comes from its meter, byte by byte'],
    options: { seconds: { type: 'string' }, output: { type: 'string', short: 'o' } },
    help: async () => (await import('./record.js')).HELP,
    run: async ({ names, options }, context) => (await import('./record.js')).recordCommand(names, options, context),
  },
  replay: {
    takes: '<environment> <file>',
    does: ['show what it makes of a recording'],
    options: { speed: { type: 'string' }, publish: { type: 'boolean' }, json: { type: 'boolean' } },
    help: async () => (await import('./replay.js')).HELP,
    run: async ({ names, options }, context) => (await import('./replay.js')).replayCommand(names, options, context),
  },
  export: {
    takes: '<environment>',
    does: ['write what one of its stores holds, as CSV, JSON or', 'line protocol of InfluxDB'],
    options: {
      sink: { type: 'string' },
      device: { type: 'string' },
      property: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      zone: { type: 'string' },
      resolution: { type: 'string' },
      format: { type: 'string' },
      output: { type: 'string', short: 'o' },
    },
    help: async () => (await import('./export.js')).HELP,
    run: async ({ names, options }, context) => (await import('./export.js')).exportCommand(names, options, context),
  },
  backfill: {
    takes: '<environment> <file>',
    does: ['load a CSV or a recording into one of its stores'],
    options: {
      sink: { type: 'string' },
      'from-line': { type: 'string' },
      started: { type: 'string' },
      zone: { type: 'string' },
    },
    help: async () => (await import('./backfill.js')).HELP,
    run: async ({ names, options }, context) => (await import('./backfill.js')).backfillCommand(names, options, context),
  },
  anonymise: {
    takes: '<file>',
    does: ['make a recording that can be shown to others'],
    options: { environment: { type: 'string' }, keys: { type: 'boolean' }, output: { type: 'string', short: 'o' } },
    help: async () => (await import('./anonymise.js')).HELP,
    run: async ({ names, options }, context) => (await import('./anonymise.js')).anonymiseCommand(names, options, context),
  },
  'check-key': {
    takes: '[environment]',
    does: ['say which of the two keys of its meter is wrong, and how'],
    options: { capture: { type: 'string' }, seconds: { type: 'string' }, ask: { type: 'boolean' } },
    help: async () => (await import('./check-key.js')).HELP,
    run: async ({ names, options }, context) => (await import('./check-key.js')).checkKeyCommand(names, options, context),
  },
};

const INTRODUCTION = `Reads utility meters and publishes their values as Homie 4.0.0 devices on MQTT.

Usage:
`;

const COMMON = `Options:
  --settings <folder>   where <environment>.toml is; otherwise the first of ./settings and
                        /etc/smart-meter-reader that has it
  -h, --help            this text; after a command, all about it
  --version             the version

An environment is a file <environment>.toml: one meter and the places its values go to.
Exit codes: 0 done, 64 wrong usage, 70 an error in the program, 78 wrong settings.
`;

/** Width of the column in which commands are listed. */
const COMMAND_WIDTH = 52;

function usage(): string {
  const listed = Object.entries(COMMANDS).flatMap(([name, { takes, does }]) =>
    does.map((line, index) => `${(index === 0 ? `  smart-meter-reader ${name} ${takes}` : '').padEnd(COMMAND_WIDTH)}${line}\n`),
  );
  return `${INTRODUCTION}${listed.join('')}${COMMON}`;
}

/**
 * Does what the command line says.
 * @returns the exit code
 */
export async function command({
  argv,
  ...io
}: Omit<CommandContext, 'implementation'> & { readonly argv: readonly string[] }): Promise<number> {
  const { name, version } = packageOf();
  try {
    const { names, values, found } = parse(argv);
    if (values.help === true) io.stdout((await found?.help?.()) ?? usage());
    else if (values.version === true) io.stdout(`${name} ${version}\n`);
    else {
      const { settings } = values;
      const args = { names, options: values, ...(typeof settings === 'string' && { settings }) };
      return await (found ?? noCommand()).run(args, { ...io, implementation: `${name} ${version}` });
    }
    return EXIT.ok;
  } catch (error) {
    if (error instanceof UsageError) {
      io.stderr(`${name}: ${error.message}\nTry "${name} --help".\n`);
      return EXIT.usage;
    }
    if (error instanceof Failure) {
      io.stderr(`${name}: ${error.message}\n`);
      return error.exitCode;
    }
    if (error instanceof ConfigError) {
      io.stderr(
        `${name}: ${error.problems.length === 1 ? 'a problem' : `${error.problems.length} problems`} with the settings:\n`,
      );
      io.stderr(error.message.replaceAll(/^/gm, '  ') + '\n');
      return EXIT.config;
    }
    throw error;
  }
}

/** What may follow every command, and stand alone. */
export const COMMON_OPTIONS = {
  settings: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const satisfies Declared;

interface Parsed {
  readonly found: Command | undefined;
  readonly names: readonly string[];
  readonly values: Options;
}

function parse(argv: readonly string[]): Parsed {
  // The command says which options there are, and may stand behind some of them.
  const [verb] = parseArgs({ args: [...argv], options: COMMON_OPTIONS, allowPositionals: true, strict: false }).positionals;
  const found = verb === undefined ? undefined : commandNamed(verb);
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { ...COMMON_OPTIONS, ...found?.options },
    });
    return { found, names: positionals.slice(1), values };
  } catch (error) {
    // parseArgs throws a TypeError with a code for a command line that does not fit.
    if (!(error instanceof TypeError && 'code' in error)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

function commandNamed(verb: string): Command {
  const found = Object.hasOwn(COMMANDS, verb) ? COMMANDS[verb] : undefined;
  if (!found) throw new UsageError(`there is no command "${verb}"; there are ${Object.keys(COMMANDS).join(', ')}`);
  return found;
}

function noCommand(): never {
  throw new UsageError(`no command given; there are ${Object.keys(COMMANDS).join(', ')}`);
}

function packageOf(): { readonly name: string; readonly version: string } {
  return JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { name: string; version: string };
}
