import './this-build.js';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { encryptedTelegrams, plainTelegrams } from './codec.js';
import { coldStart } from './cold-start.js';
import { packagedStart } from './packaged-start.js';
import { latency, throughput } from './end-to-end.js';
import { print, type Figure } from './figure.js';
import { HISTORIES } from './sinks.js';
import { spoolRates, spoolWear } from './spool.js';

/** What is measured, in the order of the table, by the names that choose some of it on the command line. */
const SECTIONS: Readonly<Record<string, readonly (() => readonly Figure[] | Promise<readonly Figure[]>)[]>> = {
  codec: [encryptedTelegrams, plainTelegrams],
  'end-to-end': [latency, throughput],
  start: [coldStart, packagedStart],
  spool: [spoolWear, spoolRates],
  sinks: HISTORIES,
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(SECTIONS, name));
if (unknown.length > 0) {
  process.stderr.write(
    `unknown: ${unknown.join(', ')}; expected some of ${Object.keys(SECTIONS).join(', ')}, or nothing for all\n`,
  );
  process.exit(2);
}

const [cpu] = cpus();
const [load = 0] = loadavg();
say(
  `${cpu?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.versions.node}, ${process.platform} ${process.arch}`,
);
// Figures taken on a busy machine say little: whoever reads them can see that it was one.
say(`(load before: ${print(load, 1)})\n`);
say('| | measured | aim |\n| --- | --- | --- |');
for (const [name, sections] of Object.entries(SECTIONS))
  if (names.length === 0 || names.includes(name))
    for (const section of sections)
      for (const { what, measured, aim = '' } of await section()) say(`| ${what} | ${measured} | ${aim} |`);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
