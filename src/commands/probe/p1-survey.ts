import { OBJECTS } from '../../clients/p1/map.js';
import { readText } from '../../clients/p1/content.js';
import { TARGETS } from '../../clients/p1/targets.js';
import { parseApdu } from '../../codecs/dlms/ciphering.js';
import { printTitle, type P1Frame } from '../../codecs/p1/frame.js';
import type { Finding } from '../../codecs/p1/scanner.js';
import { parseTelegram } from '../../codecs/p1/telegram.js';
import type { P1Meter, SeenObject } from './finding.js';

/** Letters with which meters begin their header or their system title. FLAG Association, list of manufacturers; `EST` is what a T210-D-r of Styria sends, `FLU` names the grid operator. */
const MANUFACTURERS: Readonly<Record<string, string>> = {
  ADN: 'Aidon',
  ELS: 'Elster',
  EST: 'Sagemcom',
  ISK: 'Iskraemeco',
  KAM: 'Kamstrup',
  KFM: 'Kaifa',
  KMP: 'Kamstrup',
  LGF: 'Landis+Gyr',
  LGZ: 'Landis+Gyr',
  SAG: 'Sagemcom',
  XMX: 'Xemex',
};

/** The object that holds the number printed on the meter. */
const EQUIPMENT = '0-0:96.1.1';

/** Learns from one telegram after the other what a meter sends. */
export class P1Survey {
  #telegrams = 0;
  #damaged = 0;
  #encrypted: { readonly title: Uint8Array } | undefined;
  #model: string | undefined;
  readonly #times: number[] = [];
  readonly #objects = new Map<string, SeenObject>();
  /** What was wrong last. */
  complaint: string | undefined;

  /** How many telegrams were heard, encrypted or not. */
  get telegrams(): number {
    return this.#telegrams;
  }

  /** @param at when it was heard, in milliseconds of any clock */
  add(finding: Finding<P1Frame>, at: number): void {
    if (finding.kind === 'error' && finding.what !== 'encrypted') {
      this.complaint = finding.detail;
      this.#damaged++;
      return;
    }
    // Before the first there may be what is left of a telegram that had begun before.
    if (this.#telegrams === 0) this.#damaged = 0;
    this.#telegrams++;
    this.#times.push(at);
    if (finding.kind === 'frame') this.#read(finding.frame.telegram);
    else this.#encrypted = { title: parseApdu(finding.bytes).systemTitle };
  }

  /** All that is known so far. */
  meter(): P1Meter {
    const title = this.#encrypted?.title;
    const letters = (title ? Buffer.from(title).toString('latin1', 0, 3) : (this.#model ?? '').slice(0, 3)).toUpperCase();
    const manufacturer = MANUFACTURERS[letters];
    const equipment = this.#objects.get(EQUIPMENT)?.contents[0];
    const serial = title ? printTitle(title) : equipment && readText(equipment);
    const every = medianGap(this.#times);
    return {
      encrypted: title !== undefined,
      ...(manufacturer !== undefined && { manufacturer }),
      ...(this.#model !== undefined && { model: this.#model }),
      ...(serial && { serial }),
      telegrams: this.#telegrams,
      damaged: this.#damaged,
      ...(every !== undefined && { everySeconds: every }),
      objects: [...this.#objects.values()],
    };
  }

  #read(telegram: Uint8Array): void {
    const { identification, objects } = parseTelegram(telegram);
    this.#model = identification.replaceAll(/[^\x20-\x7e]/g, '');
    for (const { obis, contents } of objects) {
      const before = this.#objects.get(obis);
      const property = OBJECTS[obis] ?? roleOf(obis);
      const isOther = before !== undefined && before.contents.join(')(') !== contents.join(')(');
      this.#objects.set(obis, {
        obis,
        ...(property !== undefined && { property }),
        contents,
        seen: (before?.seen ?? 0) + 1,
        changed: (before?.changed ?? 0) + (isOther ? 1 : 0),
      });
    }
  }
}

/** What an object is about that becomes no property by itself. */
function roleOf(obis: string): string | undefined {
  const target = TARGETS.get(obis);
  if (target?.role === 'channel') return `sub-meter ${target.channel}: ${target.field}`;
  return target?.role === 'stamp' ? 'meter/measured-at' : target?.role;
}

/** Seconds to a tenth between telegrams; one that was missed does not count. */
function medianGap(times: readonly number[]): number | undefined {
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const median = gaps.toSorted((one, other) => one - other)[Math.floor(gaps.length / 2)];
  return median === undefined ? undefined : Math.round(median / 100) / 10;
}
