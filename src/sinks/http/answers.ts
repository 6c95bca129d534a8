import type { HttpAnswer } from '../../transports/http-client.js';
import { SEM_SUCCESS } from './sem.js';

/** What an answer means: stored; never to be stored; a person must act first; or to be tried again. */
export type Verdict =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'misconfigured'; readonly reason: string }
  | { readonly kind: 'away' };

/** Statuses that do not go away by themselves, and what to do about them. */
const MISCONFIGURED: Readonly<Record<number, string>> = {
  401: 'it does not accept our credentials',
  403: 'our credentials do not allow this',
  404: 'there is nothing at url',
  405: 'it does not take this method at url',
  407: 'a proxy wants credentials',
  410: 'there is nothing at url any more',
};

/** RFC 9110, RFC 8470 and RFC 6585; 409: a request with this key is still under way. */
const LATER: ReadonlySet<number> = new Set([408, 409, 425, 429]);

/**
 * Judges an answer by its status.
 * @param refused statuses with which the server says that it will never take a reading
 */
export function judgeStatus({ status }: Pick<HttpAnswer, 'status'>, refused: ReadonlySet<number>): Verdict {
  if (status >= 200 && status < 300) return { kind: 'taken' };
  if (refused.has(status)) return { kind: 'refused' };
  if (status >= 500 || LATER.has(status)) return { kind: 'away' };
  if (status >= 300 && status < 400)
    return { kind: 'misconfigured', reason: 'it sends us elsewhere, and readings follow no redirection' };
  return { kind: 'misconfigured', reason: MISCONFIGURED[status] ?? 'it does not take this request' };
}

/** Judges an answer of a server of the preset `sem`, which says everything with status 200: only its text tells. */
export function judgeSem({ status, text }: Pick<HttpAnswer, 'status' | 'text'>): Verdict {
  if (status !== 200) return judgeStatus({ status: status < 300 ? 404 : status }, new Set());
  if (text.includes(SEM_SUCCESS)) return { kind: 'taken' };
  if (text.includes('Wrong API Key')) return { kind: 'misconfigured', reason: 'it does not know api_key' };
  if (text.includes('No data posted')) return { kind: 'misconfigured', reason: 'it does not see what is posted' };
  return { kind: 'away' };
}
