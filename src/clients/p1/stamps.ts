import { localStampReader, stampReader, type MeterTime } from '../../codecs/p1/time.js';

/** Reads the stamps of one meter, and says once when they contradict its time zone. */
export class Stamps {
  readonly #readLettered: (stamp: string) => MeterTime | undefined;
  readonly #readLocal: (stamp: string, now: number) => number | undefined;
  readonly #warn: (message: string) => void;
  readonly #timeZone: string;
  #hasWarned = false;

  /** @param timeZone IANA name of the zone in which the meter's clock runs */
  constructor(timeZone: string, warn: (message: string) => void) {
    this.#readLettered = stampReader(timeZone);
    this.#readLocal = localStampReader(timeZone);
    this.#timeZone = timeZone;
    this.#warn = warn;
  }

  /** The instant of a stamp with a letter; undefined where it is no time. A letter that contradicts its season counts as standard time. */
  readonly read = (stamp: string): number | undefined => {
    const time = this.#readLettered(stamp);
    if (time?.contradictory && !this.#hasWarned) {
      this.#hasWarned = true;
      this.#warn(
        `the meter says summer time (${stamp}) when ${this.#timeZone} has none: taken as standard time; is client.time_zone right?`,
      );
    }
    return time?.instant;
  };

  /** The same, also of a stamp without a letter, which only sub-meters of DSMR 2 and 3 have. */
  readonly readAny = (stamp: string, now: number): number | undefined => this.read(stamp) ?? this.#readLocal(stamp, now);
}
