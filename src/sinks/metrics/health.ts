import { complaintAbout, type MeterStatus } from '../../pipeline/figures.js';
import { plain, type Page } from '../../transports/http-listener.js';

/**
 * How the meters are, a line each.
 * @returns a page with the status 503 when one of them is silent, failing or stale, else 200. One that was not to be heard yet is no reason to restart anything
 */
export function healthPage(meters: readonly MeterStatus[]): Page {
  const complaints = meters.map(complaintAbout);
  const lines = meters.map((meter, index) => `${meter.device.id}: ${complaints[index] ?? freshness(meter)}`);
  return plain(complaints.some((complaint) => complaint !== undefined) ? 503 : 200, lines.join('\n'));
}

function freshness({ detail, ageMs }: MeterStatus): string {
  return ageMs === undefined ? detail : `${detail}, last reading ${Math.round(ageMs / 1_000)} s ago`;
}
