import './this-build.js';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { encryptedTelegrams, plainTelegrams } from './codec.js';
import { coldStart } from './cold-start.js';
import { packagedStart } from './packaged-start.js';
import { latency, throughput } from './end-to-end.js';
import { print, type Figure } from './figure.js';
import { spoolRates, spoolWear } from './spool.js';

/** What is measured, in the order of the table. */
const SECTIONS: readonly (() => readonly Figure[] | Promise<readonly Figure[]>)[] = [
  encryptedTelegrams,
  plainTelegrams,
  latency,
  throughput,
  coldStart,
  packagedStart,
  spoolWear,
  spoolRates,
];

const [cpu] = cpus();
const [load = 0] = loadavg();
say(
  `${cpu?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.versions.node}, ${process.platform} ${process.arch}`,
);
// Figures taken on a busy machine say little: whoever reads them can see that it was one.
say(`(load before: ${print(load, 1)})\n`);
say('| | measured | aim |\n| --- | --- | --- |');
for (const section of SECTIONS)
  for (const { what, measured, aim = '' } of await section()) say(`| ${what} | ${measured} | ${aim} |`);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
