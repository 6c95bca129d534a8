/** Bytes and text of one bracket, as a second decoder read them. Numbers are as sent. */
export interface ExpectedPart {
  readonly raw: string;
  readonly iso?: string | null;
  readonly value?: string;
  readonly unit?: string | null;
}

/** An object of a telegram, as a second decoder read it. */
export interface ExpectedObject extends ExpectedPart {
  readonly obis: string;
  readonly text?: string;
  readonly parts?: readonly ExpectedPart[];
  readonly timestamp?: ExpectedStamp;
}

/** A stamp and the instant that it means; local time where it has no letter, null where it is no time. */
export interface ExpectedStamp {
  readonly raw: string;
  readonly iso: string | null;
}

/** What a telegram says of one M-Bus channel. */
export interface ExpectedChannel {
  readonly channel: number;
  readonly deviceType?: string;
  readonly equipmentId?: string;
  readonly equipmentIdText?: string;
  readonly ean?: string;
  readonly eanText?: string;
  readonly valve?: string;
  readonly reading?: { readonly timestamp: ExpectedStamp; readonly value: string; readonly unit: string | null };
}

/** A telegram, as a second decoder read it. */
export interface ExpectedTelegram {
  readonly verdict: 'accept' | 'reject' | 'stream';
  readonly crc: { readonly status: 'valid' | 'invalid' | 'absent' | 'unterminated'; readonly sent: string | null };
  readonly header: { readonly raw: string };
  readonly objects: readonly ExpectedObject[];
  /** Lines that are no objects. */
  readonly unparsedLines: readonly string[];
  readonly mbus: readonly ExpectedChannel[];
  readonly timestamp: ExpectedStamp | null;
}

/** A capture of telegrams that are not encrypted. */
export interface ExpectedFile extends ExpectedTelegram {
  readonly country: string;
  /** Of a stream only. */
  readonly telegrams?: readonly ExpectedTelegram[];
}

/** A capture of an encrypted telegram. */
export interface ExpectedEncrypted {
  readonly verdict: 'accept' | 'reject';
  readonly country: string;
  readonly key: { readonly encryption_key: string; readonly authentication_key: string | null } | null;
  readonly frame: { readonly system_title_hex: string; readonly frame_counter: number };
  readonly telegram: ExpectedTelegram;
}

const ZONES: Readonly<Record<string, string>> = {
  AT: 'Europe/Vienna',
  BE: 'Europe/Brussels',
  CH: 'Europe/Zurich',
  FI: 'Europe/Helsinki',
  HU: 'Europe/Budapest',
  IE: 'Europe/Dublin',
  LT: 'Europe/Vilnius',
  LU: 'Europe/Luxembourg',
  NL: 'Europe/Amsterdam',
  SE: 'Europe/Stockholm',
};

/** The time zone of the country of a capture, of which some are not certain (`SE?`). */
export function zoneOfCountry(country: string): string {
  const zone = ZONES[country.slice(0, 2)];
  if (zone === undefined) throw new Error(`no time zone for ${country}`);
  return zone;
}
