import { createHmac } from 'node:crypto';
import { LinkError, RejectedError } from '../../model/errors.js';
import { defineHistory, type Batch, type HistorySink, type Recorded, type SinkContext } from '../../pipeline/sink.js';
import { openHttpClient, type HttpAnswer, type HttpClient } from '../../transports/http-client.js';
import { CONFIGURATION_RETRY_MS, excerpt, userAgent } from '../http-settings.js';
import { judgeSem, judgeStatus } from './answers.js';
import { planOf, SETTINGS, type HttpSettings, type Plan } from './settings.js';
import type { Body } from './template.js';

/** Each reading is a request of its own, and goes at once. So few are under way together that a slow server can answer within the time of a write. */
const BATCH: Batch = { items: 20, ms: 0 };

/** One request per reading. A server that remembers `Idempotency-Key` has each once; to others one comes again when its answer was lost. */
export default defineHistory({
  settings: SETTINGS,
  create: (settings, context) => new HttpSink(settings, planOf(settings), context),
});

class HttpSink implements HistorySink {
  readonly batch = BATCH;
  readonly #settings: HttpSettings;
  readonly #plan: Plan;
  readonly #context: SinkContext;
  readonly #url: URL;
  #client: HttpClient | undefined;
  /** The keys of what was taken of a batch that failed then: they come again with the rest of it. */
  readonly #taken = new Set<string>();

  constructor(settings: HttpSettings, plan: Plan, context: SinkContext) {
    this.#settings = settings;
    this.#plan = plan;
    this.#context = context;
    this.#url = new URL(settings.url);
  }

  async open(deadline: AbortSignal): Promise<void> {
    this.#client = await openHttpClient({ ca: this.#settings.ca, clock: this.#context.clock }, deadline);
  }

  async write(items: readonly Recorded[], deadline: AbortSignal): Promise<void> {
    const refused: number[] = [];
    let said = '';
    for (const [index, reading] of items.entries()) {
      const key = keyOf(reading);
      const body = this.#taken.has(key) ? undefined : this.#plan.layout(reading);
      if (!body) continue;
      const answer = await this.#send(key, body, deadline);
      if (this.#isTaken(answer)) this.#taken.add(key);
      else {
        refused.push(index);
        said = this.#quote(answer);
      }
    }
    if (refused.length > 0) throw new RejectedError(`${this.#url.origin} refuses readings: ${said}`, refused);
    this.#taken.clear();
  }

  close(): Promise<void> {
    this.#client?.close();
    this.#client = undefined;
    return Promise.resolve();
  }

  async #send(key: string, { type, text }: Body, deadline: AbortSignal): Promise<HttpAnswer> {
    if (!this.#client) throw new Error('write before open');
    const { method, hmac_key: hmacKey, hmac_header: hmacHeader } = this.#settings;
    const body = Buffer.from(text, 'utf8');
    const headers = {
      'User-Agent': userAgent(this.#context.implementation),
      ...this.#plan.headers,
      'Content-Type': type,
      'Idempotency-Key': key,
      ...(hmacKey !== undefined && { [hmacHeader]: `sha256=${createHmac('sha256', hmacKey).update(body).digest('hex')}` }),
    };
    return await this.#client.request({ method, url: this.#url, headers, body }, deadline);
  }

  /**
   * @returns false: the server will never take it
   * @throws LinkError it is to be tried again
   */
  #isTaken(answer: HttpAnswer): boolean {
    const verdict = this.#settings.preset ? judgeSem(answer) : judgeStatus(answer, this.#plan.refused);
    switch (verdict.kind) {
      case 'taken':
        return true;
      case 'refused':
        return false;
      case 'misconfigured':
        throw new LinkError(`${this.#url.origin}: ${verdict.reason} (${this.#quote(answer)})`, {
          retryAfterMs: CONFIGURATION_RETRY_MS,
        });
      case 'away':
        throw new LinkError(`${this.#url.origin}: ${this.#quote(answer)}`, answer);
    }
  }

  #quote({ status, text }: HttpAnswer): string {
    return excerpt(`${status} ${text}`, this.#plan.secrets);
  }
}

/** The same for a reading that comes again, after a restart of the program too. */
function keyOf({ device, at, sequence }: Recorded): string {
  return `${device.id}-${at}-${sequence}`;
}
