/**
 * How many characters must be inserted, removed or replaced to make one text of the other.
 * Levenshtein distance, Wagner–Fischer algorithm with one row.
 */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let line = 1; line <= from.length; line++) {
    const next = [line];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (to[column - 1] === from[line - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** The known word that was probably meant, or undefined when none is near. */
export function nearestWord(word: string, known: Iterable<string>): string | undefined {
  const limit = Math.max(2, Math.floor(word.length / 3));
  return cheapest(known, (candidate) => {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    return distance <= limit && distance < candidate.length ? distance : undefined;
  });
}

/**
 * The known dotted key that was probably meant: one spelt nearly alike, one beside it whose name is part of the other's, or one of the same
 * name in another section.
 * @returns undefined when none is near
 */
export function nearestKey(key: string, known: Iterable<string>): string | undefined {
  const [section, name] = split(key);
  const limit = Math.max(2, Math.floor(name.length / 3));
  return cheapest(known, (candidate) => {
    const [otherSection, otherName] = split(candidate);
    const distance = editDistance(key.toLowerCase(), candidate.toLowerCase());
    // Either is as good as one wrong letter; the fraction prefers what resembles more.
    if (section === otherSection && isPart(name, otherName)) return 0.9 + distance / 1000;
    if (name === otherName) return 1 + distance / 1000;
    return distance <= limit && distance < otherName.length ? distance : undefined;
  });
}

/** Names what was probably meant, at the end of a problem; nothing when nothing is near. */
export function didYouMean(near: string | undefined): string {
  return near === undefined ? '' : `; did you mean ${near}?`;
}

function split(key: string): [section: string, name: string] {
  const dot = key.lastIndexOf('.');
  return [key.slice(0, Math.max(dot, 0)), key.slice(dot + 1)];
}

/** Whether one name is part of the other, and long enough to mean something. */
function isPart(one: string, other: string): boolean {
  return Math.min(one.length, other.length) >= 3 && (one.includes(other) || other.includes(one));
}

function cheapest(candidates: Iterable<string>, cost: (candidate: string) => number | undefined): string | undefined {
  let best: string | undefined;
  let lowest = Infinity;
  for (const candidate of candidates) {
    const found = cost(candidate);
    if (found === undefined || found >= lowest) continue;
    best = candidate;
    lowest = found;
  }
  return best;
}
