import { access, mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, Failure } from '../command.js';
import type { HeatFinding, P1Finding, Place } from './finding.js';

/** A meter that settings can be made for. */
export type FoundMeter = P1Finding | HeatFinding;

/** A file of a settings folder. */
export interface SettingsFile {
  readonly name: string;
  readonly text: string;
  readonly mode: number;
}

/** The name that an environment for this meter may have. */
export function usualName(meter: FoundMeter): string {
  if (meter.kind === 'kamstrup') return 'kamstrup_403';
  return meter.encrypted ? 't210' : 'dsmr';
}

/**
 * The files of an environment that reads this meter: its settings, and where it encrypts a skeleton for its keys.
 * @param timeZone of this machine, which most likely is the meter's
 */
export function environmentFiles(name: string, meter: FoundMeter, timeZone: string | undefined): readonly SettingsFile[] {
  const settings = { name: `${name}.toml`, text: settingsText(meter, timeZone), mode: 0o640 };
  return meter.kind === 'p1' && meter.encrypted
    ? [settings, { name: `${name}.secrets.toml`, text: secretsText(name, meter), mode: 0o600 }]
    : [settings];
}

function settingsText(meter: FoundMeter, timeZone: string | undefined): string {
  const { manufacturer, model, serial } = meter;
  const identity = [manufacturer, model, serial === undefined ? undefined : `no. ${serial}`].filter(Boolean).join(', ');
  const isHeat = meter.kind === 'kamstrup';
  return `# Made by "smart-meter-reader probe" for: ${printable(identity || 'a meter that does not say what it is')}.

[device]
# Under which id it is published, and what people call it.
id = "${isHeat ? 'heat-smart-meter' : 'electric-smart-meter'}"
name = ${tomlText(isHeat ? 'Heat meter' : 'Electricity meter')}

[client]
${isHeat ? HEAT_CLIENT : p1Client(meter, timeZone)}
[client.link]
${linkText(meter.place)}${isHeat ? '' : presetText(meter)}
# Where the values go: Homie 4.0.0 on the broker that [mqtt] in default.toml names.
[sinks.homie]
`;
}

const HEAT_CLIENT = `type = "kamstrup"
# Every answer costs its battery: 1h is what the life of the battery is reckoned with.
poll_interval = "1h"
`;

function p1Client({ everySeconds }: P1Finding, timeZone: string | undefined): string {
  const zone = timeZone === undefined ? '# time_zone = "Europe/Amsterdam"' : `time_zone = ${tomlText(timeZone)}`;
  const period =
    everySeconds === undefined
      ? ''
      : `# It sends every ${everySeconds} s.\nperiod = "${Math.max(1, Math.ceil(everySeconds))}s"\n`;
  return `type = "p1"\n# Where the meter is.\n${zone}\n${period}`;
}

function linkText({ link }: Place): string {
  if (link.type === 'tcp') return `type = "tcp"\nhost = ${tomlText(link.host)}\nport = ${link.port}\n`;
  return `type = "serial"\npath = ${tomlText(link.path)}\n`;
}

function presetText({ line, encrypted }: P1Finding): string {
  if (encrypted) return 'preset = "t210"\n';
  return line === '9600 7E1' ? 'preset = "dsmr3"\n' : 'preset = "dsmr5"\n';
}

function secretsText(name: string, { serial }: P1Finding): string {
  return `# The keys of meter ${printable(serial ?? '')}, from the grid operator, each 32 hexadecimal digits. Put them in, take away the # before them, then:
#   smart-meter-reader check-key ${name}

[client]
# The global unicast encryption key (GUEK).
# encryption_key = ""
# The global authentication key (GAK). Not all grid operators hand it out.
# authentication_key = ""
`;
}

/** A basic string. TOML 1.0, "String". */
function tomlText(text: string): string {
  return JSON.stringify(text);
}

/** What a meter says of itself must not end a comment. */
function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '');
}

/**
 * Writes files into a settings folder. What is there already is never replaced, and then nothing is written at all.
 * @throws Failure a file is there already, or cannot be written
 */
export async function writeFiles(folder: string, files: readonly SettingsFile[]): Promise<void> {
  for (const { name } of files) {
    const path = join(folder, name);
    if (await isThere(path)) throw new Failure(EXIT.cannotCreate, `${path} is there already: nothing was written`);
  }
  try {
    await mkdir(folder, { recursive: true, mode: 0o750 });
    for (const { name, text, mode } of files) {
      const file = await open(join(folder, name), 'wx', mode);
      try {
        await file.chmod(mode);
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    const reason = error.code === 'EACCES' || error.code === 'EROFS' ? 'permission denied; as root it works' : error.message;
    throw new Failure(EXIT.cannotCreate, `cannot write into ${folder}: ${reason}`, { cause: error });
  }
}

/** The settings folder that is meant when none is given: the one in this folder, if there is one, else that of the system. */
export async function settingsFolder(cwd: string): Promise<string> {
  const own = join(cwd, 'settings');
  const isFolder = await stat(own).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder ? own : '/etc/smart-meter-reader';
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** What to do next with an environment, in commands. @param isUsual whether its folder is where it is looked for anyway */
export function nextSteps(name: string, folder: string, isUsual: boolean, files: readonly SettingsFile[]): string {
  const named = isUsual ? name : `${name} --settings ${folder}`;
  const secrets = files.find(({ mode }) => mode === 0o600);
  const steps = [
    ...(secrets
      ? [
          [`nano ${join(folder, secrets.name)}`, 'put in the keys from the grid operator'],
          [`smart-meter-reader check-key ${named}`, 'are they right?'],
        ]
      : []),
    [`smart-meter-reader check ${named}`, 'are the settings valid?'],
    [`smart-meter-reader watch ${named}`, 'what does it read?'],
    [`systemctl enable --now smart-meter-reader@${name}`, 'from now on, and after every boot'],
  ] as const;
  const width = Math.max(...steps.map(([command = '']) => command.length));
  return steps.map(([command = '', why = '']) => `  ${command.padEnd(width)}   # ${why}\n`).join('');
}
