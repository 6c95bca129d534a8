import { chmod, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import process from 'node:process';
import * as tls from 'node:tls';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** The folder that holds package.json. */
export const ROOT = join(import.meta.dirname, '..', '..');

/** Architectures by Debian's names: the folder of serialport's prebuilt binaries, and how many of them Debian can load. */
const PREBUILDS = { arm64: 'linux-arm64', armhf: 'linux-arm', amd64: 'linux-x64' };
export const ARCHITECTURES = Object.keys(PREBUILDS);
/** What Docker calls `armhf` (TARGETARCH). */
const DOCKER_ARM = 'arm';

/** The folder of the program's parts is as deep below the root as its sources are, which find package.json from there. */
const PARTS = 'dist/src/parts';

/** What is loaded at every start and not used here, or not needed twice. */
const REPLACED = [
  // Copies of what Node has itself.
  { filter: /^readable-stream$/, contents: "module.exports = require('node:stream');" },
  { filter: /^readable-stream\/lib\/_stream_writable\.js$/, contents: "module.exports = require('node:stream').Writable;" },
  // Other ways to a broker than those that the settings know, and timers for browsers.
  { filter: /^(ws|socks|worker-timers)$/, contents: 'module.exports = {};' },
  // Needed by a broker with TLS alone; 1 MiB.
  {
    filter: /^(node:)?tls$/,
    contents: Object.keys(tls)
      .map(
        (name) =>
          `Object.defineProperty(exports, '${name}', { enumerable: true, get: () => process.getBuiltinModule('node:tls').${name} });`,
      )
      .join('\n'),
  },
];

/** What packages read beside themselves, where they are in the bundle. */
const DATA = { 'node_modules/node-sqlite3-wasm': 'dist/node-sqlite3-wasm.wasm' };

/** CommonJS packages expect these; every part is an ES module. */
const COMMONJS = `import { createRequire as createRequireOf } from 'node:module';
const require = createRequireOf(import.meta.url);
const __dirname = import.meta.dirname;`;

/**
 * Writes the program into a folder: `package.json`, `dist/src/main.js`, a part for each thing that is loaded when needed, serial port binaries.
 * @param {string} folder
 * @param {string} architecture Debian's name of one
 * @returns {Promise<string[]>} the npm packages in it, as folders relative to the project's root
 */
export async function bundle(folder, architecture) {
  const { metafile } = await build(options(folder, { 'dist/src/main': 'src/main.ts' }));
  await chmod(join(folder, 'dist/src/main.js'), 0o755);
  await writePackage(folder);
  const serial = 'node_modules/@serialport/bindings-cpp';
  await copyPrebuilds(join(ROOT, serial, 'prebuilds', PREBUILDS[architecture]), folder, PREBUILDS[architecture]);
  // Looked for beside the part that it is loaded by.
  const sqlite = 'node-sqlite3-wasm.wasm';
  await cp(join(ROOT, 'node_modules/node-sqlite3-wasm/dist', sqlite), join(folder, PARTS, sqlite));
  const packages = Object.keys(metafile.inputs).flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  for (const [name, file] of Object.entries(DATA))
    if (packages.includes(name)) await cp(join(ROOT, name, file), join(folder, PARTS, basename(file)));
  return [...new Set(packages)].sort();
}

/**
 * The program's table of commands.
 * @param {string} folder for the compiled program, empty
 */
export async function commandsOf(folder) {
  await build(options(folder, { commands: 'src/commands/index.ts' }));
  await writePackage(folder);
  return import(pathToFileURL(join(folder, 'commands.js')).href);
}

function options(outdir, entryPoints) {
  return {
    absWorkingDir: ROOT,
    entryPoints,
    outdir,
    chunkNames: `${PARTS}/[name]-[hash]`,
    bundle: true,
    splitting: true,
    minifySyntax: true,
    minifyWhitespace: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    legalComments: 'none',
    metafile: true,
    banner: { js: COMMONJS },
    plugins: [{ name: 'replaced', setup: replace }],
    logLevel: 'error',
  };
}

/** What the program itself reads of it, and Node. */
async function writePackage(folder) {
  const { name, version, type } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  await writeFile(join(folder, 'package.json'), `${JSON.stringify({ name, version, type })}\n`);
}

function replace(building) {
  for (const [index, { filter, contents }] of REPLACED.entries()) {
    const namespace = `replaced-${index}`;
    building.onResolve({ filter }, ({ path }) => ({ path, namespace }));
    building.onLoad({ filter: /.*/, namespace }, () => ({ contents }));
  }
}

/** Where the binding looks for them: in the folder above the part that it is in. */
async function copyPrebuilds(from, folder, name) {
  const to = join(folder, PARTS, '..', 'prebuilds', name);
  await mkdir(to, { recursive: true });
  const forDebian = (await readdir(from)).filter((file) => file.endsWith('.glibc.node'));
  for (const file of forDebian) await cp(join(from, file), join(to, file));
}

// As a program: node etc/debian/bundle.mjs <folder> <architecture>
if (process.argv[1] === import.meta.filename) {
  const [folder, architecture] = process.argv.slice(2);
  await bundle(folder, architecture === DOCKER_ARM ? 'armhf' : architecture);
}
