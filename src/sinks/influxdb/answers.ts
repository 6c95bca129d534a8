import type { HttpAnswer } from '../../transports/http-client.js';

/** What an answer to a write says of its lines; `said` is what stands in it. */
export type Verdict =
  | { readonly kind: 'taken' }
  | { readonly kind: 'too-large'; readonly said: string }
  | {
      readonly kind: 'refused';
      readonly said: string;
      /** The refused lines by their indices; undefined where the answer does not tell. */
      readonly which: readonly number[] | undefined;
      /** Whether lines are named as the reason: else it may as well be the request that is wrong. */
      readonly explained: boolean;
    }
  /** A person must act first. */
  | { readonly kind: 'misconfigured'; readonly said: string; readonly reason: string }
  /** The server is busy, starting or failing. */
  | { readonly kind: 'away'; readonly said: string };

/** What is wrong with lines, in the words of versions 1 to 3. */
const EXPLAINED = /partial write|unable to parse|line protocol|field type conflict|retention|schema|max(imum)?[- ]/i;

/** Statuses that do not go away by themselves, and what to do about them. */
const MISCONFIGURED: Readonly<Record<number, string>> = {
  401: 'it does not accept the user name and password, or the token',
  403: 'the user, or the token, may not write there',
  404: 'there is no such database or bucket, or it is another version of InfluxDB',
};

/** RFC 9110 and RFC 6585: asked to come again. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429]);

/** Judges the answer to a write of lines. */
export function judge({ status, text }: Pick<HttpAnswer, 'status' | 'text'>, lines: readonly string[]): Verdict {
  if (status >= 200 && status < 300) return { kind: 'taken' };
  const body = parseBody(text);
  const said = `${status} ${body.message}`.trim();
  if (status === 413) return { kind: 'too-large', said };
  if (status === 400 || status === 422)
    return { kind: 'refused', said, which: refusedLines(body, lines), explained: EXPLAINED.test(body.message) };
  if (status >= 500 || LATER.has(status)) return { kind: 'away', said };
  return { kind: 'misconfigured', said, reason: MISCONFIGURED[status] ?? 'what answers there is no InfluxDB of that version' };
}

/** What the body of an error says. */
interface Said {
  readonly message: string;
  /** Numbers of lines, from 1. */
  readonly numbers: readonly number[];
}

/** Version 1 says `{ error }`, 2 `{ code, message, line? }`, 3 `{ error, data: [{ line_number, error_message }] }`; what stands before them may say anything. */
function parseBody(text: string): Said {
  const body = parseJson(text);
  if (!isObject(body)) return { message: text, numbers: [] };
  const { error, message, line, data } = body;
  const refusals = [data].flat().filter(isObject);
  const messages = [error, message, ...refusals.map((refusal) => refusal.error_message)];
  return {
    message: messages.filter((each) => typeof each === 'string').join(': ') || text,
    numbers: [line, ...refusals.map((refusal) => refusal.line_number)].filter((each) => typeof each === 'number'),
  };
}

function refusedLines({ message, numbers }: Said, lines: readonly string[]): readonly number[] | undefined {
  // Of other refusals the count may include lines that would be taken without the rest.
  const dropped = /points beyond retention policy dropped=(\d+)$/.exec(message)?.[1];
  if (Number(dropped) === lines.length) return [...lines.keys()];
  const named = numbers.map((number) => number - 1).filter((index) => index in lines);
  const quoted = [...lines.keys()].filter((index) => message.includes(`unable to parse '${lines[index]}'`));
  const which = [...new Set([...named, ...quoted])];
  return which.length === 0 ? undefined : which;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
