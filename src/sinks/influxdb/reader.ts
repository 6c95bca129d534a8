import { ConfigError, LinkError } from '../../model/errors.js';
import type { Values } from '../../model/reading.js';
import { within } from '../../pipeline/clock.js';
import type { HistoryRange, HistoryReader, Series, StoredReading } from '../../pipeline/history.js';
import type { SinkContext } from '../../pipeline/sink.js';
import type { HttpClient } from '../../transports/http-client.js';
import { judge } from './answers.js';
import { excerptOf, identityHeaders, urlOf, type Target, type Version } from './api.js';
import { flux } from './flux.js';
import { influxql } from './influxql.js';
import type { Ask, Column, Language, Query, Row, Source, Span } from './language.js';
import type { Naming } from './series.js';
import type { InfluxSettings, Plan } from './settings.js';
import { sql } from './sql.js';

/** How each generation is asked. */
const LANGUAGES: Readonly<Record<Version, (target: Target) => Language>> = { 1: influxql, 2: flux, 3: sql };

/** How many instants are asked for at once: so many of each measurement are in memory. */
const PAGE = 1_000;

/** More instants at one and the same moment are no reading's. */
const MAX_PAGE = 100 * PAGE;

/** Far more than a page can be long. */
const MAX_ANSWER_BYTES = 64 * 2 ** 20;

/** How long a server may take for a page. */
const ANSWER_MS = 60_000;

/** What an InfluxDB can hold: nanoseconds in 64 bits, to whole days. */
const FIRST = Date.UTC(1677, 8, 22);
const LAST = Date.UTC(2262, 3, 11);

/** Reads back what the preset `native` or a map has written. */
export class InfluxReader implements HistoryReader {
  readonly #client: HttpClient;
  readonly #settings: InfluxSettings;
  readonly #plan: Plan;
  readonly #context: SinkContext;
  readonly #language: Language;
  readonly #naming: Naming;

  /** @throws ConfigError points of a preset that do not tell meters apart */
  constructor(client: HttpClient, settings: InfluxSettings, plan: Plan, context: SinkContext) {
    const { naming, version } = plan;
    if (!naming)
      throw new ConfigError([
        { source: '', key: 'preset', message: 'only points of the preset "native" or of a map can be read back' },
      ]);
    this.#client = client;
    this.#settings = settings;
    this.#plan = plan;
    this.#context = context;
    this.#language = LANGUAGES[version](settings);
    this.#naming = naming;
  }

  async series(range: HistoryRange, signal: AbortSignal): Promise<readonly Series[]> {
    const span = spanOf(range);
    if (!span) return [];
    const columns = await this.#columns(range, span, signal);
    return columns.map(({ device, path, unit }) => ({ device, path, ...(unit !== undefined && { unit }) }));
  }

  async *readings(range: HistoryRange, signal: AbortSignal): AsyncGenerator<StoredReading> {
    const span = spanOf(range);
    if (!span) return;
    const columns = await this.#columns(range, span, signal);
    for (const [device, own] of groupsOf(columns, 'device')) {
      const sources = sourcesOf(device, own, this.#language.fieldsAtOnce);
      const rows = sources.map((source) => this.#rows(source, span, this.#ask(signal)));
      for await (const { at, values } of merged(rows)) yield { device, at, values };
    }
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }

  /** What is stored of what is asked for, by name; of a path that is stored twice the first. */
  async #columns({ device, paths }: HistoryRange, span: Span, signal: AbortSignal): Promise<readonly NamedColumn[]> {
    const columns = await this.#language.columns(span, this.#ask(signal));
    const named = columns.flatMap((column) => {
      const name = this.#naming(column);
      const isWanted = name && (device ?? column.device) === column.device && (paths?.includes(name.path) ?? true);
      return isWanted ? [{ ...column, ...name }] : [];
    });
    const unique = new Map(named.toReversed().map((column) => [`${column.device} ${column.path}`, column]));
    return [...unique].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, column]) => column);
  }

  /** The rows of a source, by the paths of their values; a page after the other. */
  async *#rows(source: Source, span: Span, ask: Ask): AsyncGenerator<Row> {
    const { measurement } = source;
    let { from } = span;
    for (let limit = PAGE; ;) {
      const { rows, isLast } = await this.#language.page(source, { ...span, from }, limit, ask);
      const last = rows.at(-1)?.at ?? 0;
      // The last instant of a full page may go on in the next.
      const whole = isLast ? rows : rows.filter(({ at }) => at < last);
      for (const { at, values } of whole) {
        const named = Object.entries(values).map(
          ([field, value]) => [this.#naming({ measurement, field })?.path ?? field, value] as const,
        );
        yield { at, values: Object.fromEntries(named) };
      }
      if (isLast || rows.length === 0) return;
      if (whole.length === 0) limit *= 2;
      if (limit > MAX_PAGE) throw new LinkError(`${measurement}: too many points at ${new Date(last).toISOString()}`);
      from = new Date(last).toISOString();
    }
  }

  #ask(signal: AbortSignal): Ask {
    return async (query) => {
      const answer = await within(this.#context.clock, ANSWER_MS, signal, (deadline) => this.#send(query, deadline));
      if (answer === undefined) throw new LinkError(`${this.#url('').origin} does not answer`);
      return answer;
    };
  }

  async #send({ path, parameters, type, accept, body }: Query, deadline: AbortSignal): Promise<string> {
    const url = this.#url(path, parameters);
    const identity = identityHeaders(this.#settings, this.#plan.version, this.#context.implementation);
    const headers = { ...identity, Accept: accept, 'Content-Type': type };
    const request = { method: 'POST', url, headers, body: Buffer.from(body), maxAnswerBytes: MAX_ANSWER_BYTES };
    const answer = await this.#client.request(request, deadline);
    const verdict = judge(answer, []);
    if (verdict.kind !== 'taken') {
      const reason = verdict.kind === 'misconfigured' ? verdict.reason : 'it cannot be read';
      throw new LinkError(`${url.origin}: ${reason} (${excerptOf(this.#settings, verdict.said)})`);
    }
    if (Buffer.byteLength(answer.text) >= MAX_ANSWER_BYTES) throw new LinkError(`${url.origin} answers without an end`);
    return answer.text;
  }

  #url(path: string, parameters?: Query['parameters']): URL {
    return urlOf(this.#settings, this.#plan.version, path, parameters);
  }
}

/** A field, and what it holds. */
type NamedColumn = Column & NonNullable<ReturnType<Naming>>;

/** @returns undefined when the range is empty */
function spanOf({ from, to }: HistoryRange): Span | undefined {
  const [begin, end] = [Math.max(Math.ceil(from), FIRST), Math.min(Math.ceil(to), LAST)];
  return begin < end ? { from: new Date(begin).toISOString(), to: new Date(end).toISOString() } : undefined;
}

/** Columns that have something in common, by it. */
function groupsOf(columns: readonly NamedColumn[], key: 'device' | 'measurement'): (readonly [string, NamedColumn[]])[] {
  const names = new Set(columns.map((column) => column[key]));
  return [...names].map((name) => [name, columns.filter((column) => column[key] === name)] as const);
}

function sourcesOf(device: string, columns: readonly NamedColumn[], fieldsAtOnce: number): Source[] {
  return groupsOf(columns, 'measurement').flatMap(([measurement, own]) => {
    const fields = own.map(({ field }) => field);
    return Array.from({ length: Math.ceil(fields.length / fieldsAtOnce) }, (_, n) => ({
      device,
      measurement,
      fields: fields.slice(n * fieldsAtOnce, (n + 1) * fieldsAtOnce),
    }));
  });
}

/** Rows that are each in order of time, as one: of one instant the values of all. */
async function* merged(sources: readonly AsyncGenerator<Row>[]): AsyncGenerator<Row> {
  const heads: { row: Row; readonly rest: AsyncGenerator<Row> }[] = [];
  for (const rest of sources) {
    const first = await rest.next();
    if (first.done !== true) heads.push({ row: first.value, rest });
  }
  while (heads.length > 0) {
    const at = Math.min(...heads.map(({ row }) => row.at));
    let values: Values = {};
    for (const head of [...heads])
      while (head.row.at === at) {
        values = { ...values, ...head.row.values };
        const next = await head.rest.next();
        if (next.done === true) {
          heads.splice(heads.indexOf(head), 1);
          break;
        }
        head.row = next.value;
      }
    if (Object.keys(values).length > 0) yield { at, values };
  }
}
