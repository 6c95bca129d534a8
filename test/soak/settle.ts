import type { Book, Window } from './books.js';
import type { PushingT210 } from './pushing-t210.js';

/** What the program counted. */
export interface Figures {
  readonly readings: number;
  readonly faults: number;
  readonly quarantined: number;
  readonly lost: number;
  readonly reconnects: number;
}

/** The books of one meter at the end: lines that explain every difference, and what they cannot explain. */
export interface Account {
  readonly id: string;
  readonly lines: readonly string[];
  readonly problems: readonly string[];
}

/** What is known on the side of a meter. */
export interface Sent {
  readonly id: string;
  readonly book: Book;
  /** When its line was cut, or it was silent so long that the program let go of it. */
  readonly cuts: readonly Window[];
  /** When the broker was away. */
  readonly outages: readonly Window[];
}

/** What is known beside that of a T210, whose telegrams are numbered. */
export interface Numbered {
  /** The counter of the first telegram that was read. */
  readonly first: number;
  /** … and of the last. */
  readonly last: number;
  readonly meter: Pick<PushingT210, 'faults' | 'implausibleAt'>;
}

/** Closes the books of a meter. */
export function settle(figures: Figures, sent: Sent, numbered?: Numbered): Account {
  const { id, book, cuts, outages } = sent;
  const { readings, reconnects } = figures;
  const balance = book.balance();
  const uncertain = book.sentWithin(cuts);
  const unread = balance.sent - readings;
  const merged = readings - balance.delivered;
  const further = numbered ? settleNumbered(figures, sent, numbered) : { lines: [], problems: [] };
  return {
    id,
    lines: [
      `sent intact ${balance.sent} = read ${readings} + not read ${unread} (${uncertain} were sent around a cut line)`,
      `read ${readings} = delivered ${balance.delivered} + merged ${merged} (${book.undelivered(outages)} around a broker that was away)`,
      ...further.lines,
      `link losses, failed tries included: ${reconnects} in ${cuts.length} cuts and silences`,
    ],
    problems: [
      ...book.problems,
      ...unless(unread >= 0 && unread <= uncertain, `${unread} not read, ${uncertain} sent around a cut line`),
      ...unless(merged >= 0, `${readings} read, ${balance.delivered} delivered`),
      ...further.problems,
    ],
  };
}

function settleNumbered(figures: Figures, { book, cuts }: Sent, { first, last, meter }: Numbered): Omit<Account, 'id'> {
  const { readings, lost, quarantined, faults } = figures;
  const { sent } = book.balance();
  const issued = last - first + 1;
  const wrong = meter.implausibleAt.length;
  const surelyRead = meter.implausibleAt.filter((at) => !cuts.some(({ from, to }) => at >= from && at <= to)).length;
  const spoilt = [...meter.faults].map(([fault, count]) => `${fault} ${count}`).join(', ');
  return {
    lines: [
      `issued ${issued} = read ${readings} + lost ${lost} (${issued - sent} spoilt, ${sent - readings} not read)`,
      `wrong totals sent ${wrong} = held back ${quarantined} + not read ${wrong - quarantined} (${wrong - surelyRead} around a cut line)`,
      `faults ${faults} for what was sent: ${spoilt}`,
    ],
    problems: [
      ...unless(readings + lost === issued, `${issued} issued, ${readings} read and ${lost} counted as lost`),
      ...unless(quarantined >= surelyRead && quarantined <= wrong, `${wrong} wrong totals, ${quarantined} held back`),
    ],
  };
}

function unless(holds: boolean, what: string): string[] {
  return holds ? [] : [`the books do not balance: ${what}`];
}
