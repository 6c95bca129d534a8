import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LinkError } from '../../model/errors.js';
import { isHostTime } from '../../pipeline/meter-clock.js';
import { claim, type Claim } from '../../pipeline/owner.js';
import { defineHistory, type HistorySink, type Recorded, type SinkContext } from '../../pipeline/sink.js';
import { isSystemError } from '../../pipeline/system-error.js';
import { localTimeOf } from '../local-time.js';
import { checkpointPath, EMPTY, loadCheckpoint, saveCheckpoint, type Checkpoint, type OpenFile } from './checkpoint.js';
import { close, cut, formsOf, listFiles, pack, sizeOf, writeAt } from './files.js';
import { recogniser, type Recognise } from './names.js';
import { plan, type PlanOptions } from './plan.js';
import { CsvReader } from './reader.js';
import { rotationOf, SETTINGS, type CsvSettings } from './settings.js';
import { PRESETS } from './tables.js';

/** What a write takes at the most. */
const BATCH_ITEMS = 500;
const DAY_MS = 86_400_000;

/** Readings as lines of text files. */
export default defineHistory({
  settings: SETTINGS,
  create: (settings, context) => new CsvSink(settings, planOptionsOf(settings), context),
  reader: (settings) => Promise.resolve(new CsvReader(settings, planOptionsOf(settings))),
});

function planOptionsOf(settings: CsvSettings): PlanOptions {
  const { files, limits } = rotationOf(settings);
  const { folder, preset, time_zone: timeZone = new Intl.DateTimeFormat().resolvedOptions().timeZone } = settings;
  const time = localTimeOf(timeZone);
  return { folder, tables: PRESETS[preset]({ files, timeZone, time }), limits, time };
}

/**
 * Files that have every reading exactly once. A batch is written, synced, and confirmed by the checkpoint beside the files; what is in a file behind the confirmed part is
 * cut off before anything else is written, since it comes again.
 */
class CsvSink implements HistorySink {
  readonly batch;
  readonly #settings: CsvSettings;
  readonly #options: PlanOptions;
  readonly #context: SinkContext;
  readonly #recognise: readonly Recognise[];
  readonly #checkpointPath: string;
  #claim: Claim | undefined;
  #checkpoint: Checkpoint = EMPTY;
  /** What was begun last: on a disk that hangs, a call may be given up before it has ended. */
  #busy: Promise<unknown> = Promise.resolve();

  constructor(settings: CsvSettings, options: PlanOptions, context: SinkContext) {
    this.batch = { items: BATCH_ITEMS, ms: settings.write_interval };
    this.#settings = settings;
    this.#options = options;
    this.#context = context;
    this.#recognise = options.tables.map(({ template }) => recogniser(template));
    const template = options.tables[0]?.template.replace('{device}', context.device.id) ?? '';
    this.#checkpointPath = checkpointPath(settings.folder, template);
  }

  async open(): Promise<void> {
    const { folder } = this.#settings;
    await this.#attempt(async () => {
      this.#claim = await claim(`${this.#checkpointPath}.pid`, `the folder ${folder}`);
      const found = await loadCheckpoint(this.#checkpointPath);
      this.#checkpoint = { ...(found ?? EMPTY), files: await this.#recover(found?.files ?? []) };
      await this.#tidy();
    });
  }

  async write(items: readonly Recorded[]): Promise<void> {
    await this.#attempt(async () => {
      const before = this.#checkpoint;
      const { checkpoint, additions, begun, ended } = await plan(this.#options, before, items);
      // Only what is known can be cut off again.
      if (begun.length > 0) await saveCheckpoint(this.#checkpointPath, { ...before, files: [...before.files, ...begun] });
      for (const { path, at, text } of additions) await writeAt(this.#forms(path).open, at, Buffer.from(text));
      await saveCheckpoint(this.#checkpointPath, checkpoint);
      this.#checkpoint = checkpoint;
      for (const path of ended) await close(this.#settings.folder, path, this.#settings.gzip);
      if (ended.length > 0) await this.#tidy();
    });
  }

  async close(): Promise<void> {
    await this.#attempt(async () => {
      const owned = this.#claim;
      this.#claim = undefined;
      await owned?.release();
    });
  }

  #forms(path: string): ReturnType<typeof formsOf> {
    return formsOf(this.#settings.folder, path);
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    const working = this.#busy.then(work);
    this.#busy = working.catch(() => undefined);
    try {
      await working;
    } catch (error) {
      if (!isSystemError(error)) throw error;
      throw new LinkError(`cannot write to ${this.#settings.folder}: ${error.message}`, { cause: error });
    }
  }

  /** Cuts off what was never confirmed. @returns the files that go on */
  async #recover(files: readonly OpenFile[]): Promise<readonly OpenFile[]> {
    const going: OpenFile[] = [];
    for (const file of files) {
      const { open } = this.#forms(file.path);
      const size = await sizeOf(open);
      // Nothing of it was written yet, or it was closed, or somebody has taken it away: then another one is begun.
      if (size === undefined) continue;
      const bytes = await cut(open, file.bytes);
      if (size > bytes)
        this.#context.log.info('what was written halfway is cut off, and comes again', { path: open, bytes: size - bytes });
      going.push({ ...file, bytes });
    }
    return going;
  }

  /** Closes, packs and deletes what is due. */
  async #tidy(): Promise<void> {
    const { folder, gzip } = this.#settings;
    const going = new Set(this.#checkpoint.files.map(({ path }) => path));
    for (const file of await listFiles(folder)) {
      const known = this.#recognise.map((recognise) => recognise(file)).find((found) => found !== undefined);
      // Other environments may keep theirs in the same folder.
      if (!known || !this.#isOurs(known.parts.device)) continue;
      const { state } = known;
      const path = file.replace(/\.(part|gz)$/, '');
      if (state === 'open' && !going.has(path)) {
        await cut(join(folder, file));
        await close(folder, path, gzip);
      } else if (state === 'closed' && gzip) await pack(folder, path);
      else if (state !== 'open' && (await this.#isOld(join(folder, file)))) await rm(join(folder, file));
    }
  }

  #isOurs(device: string | undefined): boolean {
    return device === undefined || device === this.#context.device.id || Object.hasOwn(this.#checkpoint.newest, device);
  }

  async #isOld(path: string): Promise<boolean> {
    const { keep_days: days = Infinity } = this.#settings;
    const now = this.#context.clock.now();
    return days < Infinity && isHostTime(now) && (await stat(path)).mtimeMs < now - days * DAY_MS;
  }
}
