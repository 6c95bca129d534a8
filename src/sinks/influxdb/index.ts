import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { printLine } from '../../codecs/line-protocol.js';
import { LinkError, RejectedError } from '../../model/errors.js';
import { defineHistory, type Batch, type HistorySink, type Recorded, type SinkContext } from '../../pipeline/sink.js';
import { openHttpClient, type HttpAnswer, type HttpClient } from '../../transports/http-client.js';
import { CONFIGURATION_RETRY_MS } from '../http-settings.js';
import { judge } from './answers.js';
import { excerptOf, identityHeaders, urlOf, writeUrl } from './api.js';
import { createDatabase } from './influxql.js';
import { InfluxReader } from './reader.js';
import { planOf, SETTINGS, type InfluxSettings, type Plan } from './settings.js';

/** What version 2 is best at; the others do not mind. */
const MAX_LINES = 5_000;

/** How long refused lines are looked for in one write, which may take half a minute in all. */
const SEARCH_MS = 10_000;

/** So many lines that are refused without a reason, and none taken: it is not the lines. */
const SUSPICIOUS = 8;

const FORM = 'application/x-www-form-urlencoded';

const compress = promisify(gzip);

/** Readings as points of InfluxDB, by line protocol over HTTP. A point that is written again replaces itself, so that there is each once. */
export default defineHistory({
  settings: SETTINGS,
  create: (settings, context) => new InfluxSink(settings, planOf(settings), context),
  reader: async (settings, context, signal) => {
    const client = await openHttpClient({ ca: settings.ca, clock: context.clock }, signal);
    return new InfluxReader(client, settings, planOf(settings), context);
  },
});

/** A line, and the reading that it is of, by its index. */
interface Line {
  readonly text: string;
  readonly item: number;
}

/** Lines on their way. */
interface Progress {
  /** Those that are still to be written, the next ones last. */
  readonly pending: (readonly Line[])[];
  readonly refused: Line[];
  /** What the server said of those that it refused last. */
  said: string;
  /** Whether a line was taken, or named as the reason of a refusal: else it may as well be the settings that are wrong. */
  believable: boolean;
}

class InfluxSink implements HistorySink {
  readonly batch: Batch;
  readonly #settings: InfluxSettings;
  readonly #plan: Plan;
  readonly #context: SinkContext;
  readonly #url: URL;
  readonly #headers: Readonly<Record<string, string>>;
  #client: HttpClient | undefined;
  /** How many lines the server takes at once, as far as is known. */
  #atOnce = MAX_LINES;

  constructor(settings: InfluxSettings, plan: Plan, context: SinkContext) {
    this.#settings = settings;
    this.#plan = plan;
    this.#context = context;
    this.batch = { items: settings.batch, ms: settings.batch_interval };
    this.#url = writeUrl(settings, plan.version, plan.precision);
    this.#headers = { ...identityHeaders(settings, plan.version, context.implementation), Accept: 'application/json' };
  }

  async open(deadline: AbortSignal): Promise<void> {
    this.#atOnce = MAX_LINES;
    this.#client = await openHttpClient({ ca: this.#settings.ca, clock: this.#context.clock }, deadline);
  }

  async write(items: readonly Recorded[], deadline: AbortSignal): Promise<void> {
    const { schema, precision } = this.#plan;
    const lines = items.flatMap((reading, item) => schema(reading).map((point) => ({ text: printLine(point, precision), item })));
    const progress: Progress = { pending: [lines], refused: [], said: '', believable: false };
    const { clock } = this.#context;
    const until = clock.monotonic() + SEARCH_MS;
    let which: readonly number[] = [];
    for (let next = progress.pending.pop(); next; next = progress.pending.pop()) {
      if (next.length > 0) await this.#advance(next, progress, deadline);
      // Readings of which every line is taken or refused.
      which = progress.refused.length > 0 ? settled(progress) : [];
      if (which.length > 0 && clock.monotonic() > until) break;
    }
    const { refused, said, believable } = progress;
    if (refused.length === 0) return;
    if (!believable) throw this.#misconfigured('it takes none of our lines', said);
    throw new RejectedError(`${this.#url.origin} refuses lines: ${excerptOf(this.#settings, said)}`, which);
  }

  close(): Promise<void> {
    this.#client?.close();
    this.#client = undefined;
    return Promise.resolve();
  }

  /** Writes lines, or finds out which of them cannot be written. */
  async #advance(lines: readonly Line[], progress: Progress, deadline: AbortSignal): Promise<void> {
    const { pending, refused } = progress;
    if (lines.length > this.#atOnce) {
      pending.push(lines.slice(this.#atOnce), lines.slice(0, this.#atOnce));
      return;
    }
    const answer = await this.#send(lines, deadline);
    const verdict = judge(
      answer,
      lines.map(({ text }) => text),
    );
    switch (verdict.kind) {
      case 'taken':
        progress.believable = true;
        return;
      case 'too-large':
        this.#atOnce = Math.ceil(lines.length / 2);
        if (lines.length > 1) pending.push(lines);
        else refuse(lines, { said: verdict.said, explained: true });
        return;
      case 'refused':
        if (verdict.which) {
          const which = new Set(verdict.which);
          pending.push(lines.filter((_, index) => !which.has(index)));
          refuse(
            lines.filter((_, index) => which.has(index)),
            verdict,
          );
        } else if (lines.length > 1) {
          const half = Math.ceil(lines.length / 2);
          pending.push(lines.slice(half), lines.slice(0, half));
        } else refuse(lines, verdict);
        if (!progress.believable && refused.length >= SUSPICIOUS) pending.length = 0;
        return;
      case 'misconfigured':
        throw this.#misconfigured(verdict.reason, verdict.said);
      case 'away':
        throw new LinkError(`${this.#url.origin}: ${excerptOf(this.#settings, verdict.said)}`, answer);
    }

    function refuse(more: readonly Line[], { said, explained }: { readonly said: string; readonly explained: boolean }): void {
      refused.push(...more);
      progress.said = said;
      progress.believable ||= explained;
    }
  }

  /** Sends lines; where their database is not there, makes it and sends them again. */
  async #send(lines: readonly Line[], deadline: AbortSignal): Promise<HttpAnswer> {
    const body = Buffer.from(lines.map(({ text }) => `${text}\n`).join(''), 'utf8');
    const answer = await this.#post(this.#url, 'text/plain; charset=utf-8', body, deadline);
    const { version, create_database: allowed, database } = this.#settings;
    if (answer.status !== 404 || version !== 1 || !allowed || database === undefined) return answer;
    const statement = new URLSearchParams({ q: createDatabase(database) }).toString();
    const made = await this.#post(urlOf(this.#settings, version, 'query'), FORM, Buffer.from(statement), deadline);
    if (made.status !== 200) return made;
    this.#context.log.info('made the database', { database });
    return await this.#post(this.#url, 'text/plain; charset=utf-8', body, deadline);
  }

  async #post(url: URL, type: string, body: Uint8Array, deadline: AbortSignal): Promise<HttpAnswer> {
    if (!this.#client) throw new Error('write before open');
    const compressed = this.#settings.gzip && type !== FORM;
    const headers = { ...this.#headers, 'Content-Type': type, ...(compressed && { 'Content-Encoding': 'gzip' }) };
    const sent = compressed ? await compress(body) : body;
    return await this.#client.request({ method: 'POST', url, headers, body: sent }, deadline);
  }

  #misconfigured(reason: string, said: string): LinkError {
    return new LinkError(`${this.#url.origin}: ${reason} (${excerptOf(this.#settings, said)})`, {
      retryAfterMs: CONFIGURATION_RETRY_MS,
    });
  }
}

/** The readings that have refused lines, and none that is still to be written. */
function settled({ pending, refused }: Progress): readonly number[] {
  const open = new Set(pending.flatMap((lines) => lines.map(({ item }) => item)));
  return [...new Set(refused.map(({ item }) => item))].filter((item) => !open.has(item));
}
