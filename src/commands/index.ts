import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ConfigError } from '../model/errors.js';
import { EXIT, UsageError, type CommandContext } from './command.js';

const USAGE = `Reads utility meters and publishes their values as Homie 4.0.0 devices on MQTT.

Usage:
  smart-meter-reader run [environment…]   read meters until told to stop; without names, the
                                          environment in $SMART_METER_ENVIRONMENT
  smart-meter-reader check <environment>  validate its settings and say what would be done;
                                          connects to nothing
  smart-meter-reader demo                 try it without a meter: runs the environment "dummy"
                                          and shows what is published; brings a broker along
                                          when none is listening
Options:
  --settings <folder>   where <environment>.toml is; otherwise the first of ./settings and
                        /etc/smart-meter-reader that has it
  -h, --help            this text
  --version             the version

An environment is a file <environment>.toml: one meter and the places its values go to.
Exit codes: 0 done, 64 wrong usage, 70 an error in the program, 78 wrong settings.
`;

/** What every command takes beside its context. */
interface Arguments {
  readonly names: readonly string[];
  readonly settings?: string;
}

/** The commands, loaded when asked for: `check` needs no broker, `run` no demo. */
const COMMANDS: Readonly<Record<string, (args: Arguments, context: CommandContext) => Promise<number>>> = {
  run: async (args, context) => (await import('./run.js')).runCommand(args.names, args.settings, context),
  check: async (args, context) => (await import('./check.js')).checkCommand(args.names, args.settings, context),
  demo: async (args, context) => (await import('./demo.js')).demoCommand(args.names, args.settings, context),
};

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
    const { values, positionals } = parse(argv);
    const [verb, ...names] = positionals;
    if (values.help) io.stdout(USAGE);
    else if (values.version) io.stdout(`${name} ${version}\n`);
    else
      return await commandNamed(verb)(
        { names, ...(values.settings !== undefined && { settings: values.settings }) },
        { ...io, implementation: `${name} ${version}` },
      );
    return EXIT.ok;
  } catch (error) {
    if (error instanceof UsageError) {
      io.stderr(`${name}: ${error.message}\nTry "${name} --help".\n`);
      return EXIT.usage;
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

function commandNamed(verb: string | undefined): (typeof COMMANDS)[string] {
  if (verb === undefined) throw new UsageError(`no command given; there are ${Object.keys(COMMANDS).join(', ')}`);
  const found = Object.hasOwn(COMMANDS, verb) ? COMMANDS[verb] : undefined;
  if (!found) throw new UsageError(`there is no command "${verb}"; there are ${Object.keys(COMMANDS).join(', ')}`);
  return found;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { settings: { type: 'string' }, help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } },
    });
  } catch (error) {
    // parseArgs throws a TypeError with a code for a command line that does not fit.
    if (!(error instanceof TypeError && 'code' in error)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

function packageOf(): { readonly name: string; readonly version: string } {
  return JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { name: string; version: string };
}
