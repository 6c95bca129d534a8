import { Line } from '../../clients/kamstrup/line.js';
import { GET_SERIAL_NUMBER } from '../../codecs/kmp/command.js';
import { LinkError } from '../../model/errors.js';
import { systemClock, within } from '../../pipeline/clock.js';
import { EXIT, Failure, type CommandContext } from '../command.js';
import { paintFor } from '../paint.js';
import type { HeatFinding, Place } from './finding.js';
import { describeHeatMeter, hearingOf, openHead } from './look.js';
import { alignmentLine, RECENT_TRIES, type Hearing } from './report.js';

/** So many good answers one after the other, and the head may stay as it is. */
const STEADY = 5;

/** Returns to the start of the line and clears it. ECMA-48, "EL". */
const ANEW = '\r\x1b[K';

/**
 * Asks a heat meter again and again, and shows each time how well its head sits, until it sits well.
 * @param json one object a line in place of text
 * @returns the meter; undefined when the time ran out or somebody stopped it
 * @throws Failure the line cannot be opened, or is lost
 */
export async function align(
  place: Place,
  { seconds, json }: { readonly seconds: number; readonly json: boolean },
  context: CommandContext,
): Promise<HeatFinding | undefined> {
  const isLive = context.screen?.() !== undefined && !json;
  const paint = paintFor(context);
  const tries: Hearing[] = [];
  const show = (hearing: Hearing): void => {
    tries.push(hearing);
    tries.splice(0, tries.length - RECENT_TRIES);
    if (json) context.stdout(`${JSON.stringify({ kind: 'alignment', hears: hearing, good: goodOf(tries), of: tries.length })}\n`);
    else context.stdout(isLive ? `${ANEW}${alignmentLine(tries, paint)}` : `${alignmentLine(tries, paint)}\n`);
  };
  if (!json) context.stdout(`Move the head on the eye of the meter, slowly. Ctrl-C ends it.\n`);
  try {
    return await within(systemClock, seconds * 1_000, context.stop, (signal) => alignWithin(place, show, tries, signal));
  } catch (error) {
    if (error instanceof LinkError) throw new Failure(EXIT.unavailable, error.message, { cause: error });
    if (!context.stop.aborted) throw error;
    return undefined;
  } finally {
    if (isLive) context.stdout('\n');
  }
}

async function alignWithin(
  place: Place,
  show: (hearing: Hearing) => void,
  tries: readonly Hearing[],
  signal: AbortSignal,
): Promise<HeatFinding> {
  const link = await openHead(place, signal);
  try {
    const line = new Line(link, systemClock);
    for (;;) {
      const answer = await line.ask(GET_SERIAL_NUMBER, signal, 0);
      show(hearingOf(answer));
      const isSteady = goodOf(tries.slice(-STEADY)) === STEADY;
      if (isSteady && answer.kind === 'answer') return await describeHeatMeter(place, line, answer.value, signal);
    }
  } finally {
    await link.close();
  }
}

function goodOf(tries: readonly Hearing[]): number {
  return tries.filter((hearing) => hearing === 'good').length;
}
