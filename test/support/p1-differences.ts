import { CATALOGUE } from '../../src/model/models/electricity-meter.js';
import type { Reading, Values } from '../../src/model/reading.js';
import type { ExpectedChannel, ExpectedObject, ExpectedPart, ExpectedTelegram } from './p1-expected.js';

/**
 * What of a telegram is not handed out as a second decoder read it: nothing may be missing, nothing may be there that the telegram does not say.
 * @param readings the telegram's own, and after it those that were measured at another time; objects without a row are under `raw`
 */
export function differencesOf(telegram: ExpectedTelegram, readings: readonly Reading[], timeZone: string): string[] {
  const [said, ...own] = readings;
  if (!said) return ['no reading'];
  const check = new Check(said, own, timeZone);
  check.compare('time', isoOf(said.measuredAt), isoOf(instantOf(telegram.timestamp?.iso)));
  for (const object of telegram.objects) check.object(object);
  for (const channel of telegram.mbus) check.channel(channel, telegram);
  return check.end();
}

class Check {
  readonly #said: Reading;
  readonly #own: readonly Reading[];
  readonly #timeZone: string;
  readonly #differences: string[] = [];
  /** What was asked for. */
  readonly #seen = new Set<string>();

  constructor(said: Reading, own: readonly Reading[], timeZone: string) {
    this.#said = said;
    this.#own = own;
    this.#timeZone = timeZone;
  }

  compare(what: string, found: unknown, expected: unknown): void {
    if (found !== expected) this.#differences.push(`${what}: ${String(found)} instead of ${String(expected)}`);
  }

  object(object: ExpectedObject): void {
    const obis = object.obis.replace(/(?<=:\d+\.\d+\.\d+)[.*]255$/, '');
    if (obis === '0-0:1.0.0' || isOfChannel(obis)) return;
    if (obis === '0-0:98.1.0') this.#list(object);
    else if (obis.endsWith(':99.97.0')) this.#failures(object);
    else if (!this.#row(obis, object)) this.compare(obis, this.#take(`raw/${obis.replaceAll(/\D+/g, '-')}`), contentOf(object));
  }

  /** @returns whether the object has a row in the catalogue */
  #row(obis: string, object: ExpectedObject): boolean {
    const rows = rowsOf(obis);
    const [first] = rows;
    if (!first) return false;
    const { raw, text, value, unit, timestamp, parts } = object;
    if (parts) {
      for (const [index, part] of parts.entries())
        this.compare(obis, this.#take(pathOf(rows[index])), numberOf(part, rows[index]?.unit));
      return true;
    }
    if (value !== undefined) {
      const row = rows.find((each) => isOfFamily(unit, each.unit)) ?? first;
      const expected = numberOf(object, row.unit);
      if (!timestamp) this.compare(obis, this.#take(pathOf(row)), expected);
      else this.#timed(obis, pathOf(row), { value: expected, iso: timestamp.iso });
      return true;
    }
    const isNumber = /^\d+$/.test(raw) && rows.some(({ datatype }) => datatype === 'integer');
    const row = rows.find(({ datatype }) => (datatype === 'integer') === isNumber) ?? first;
    const expected = isNumber ? Number(raw) : row.quantity === 'text' ? (text ?? raw).trim() : raw;
    if (expected !== '' || row.node === 'messages') this.compare(obis, this.#take(pathOf(row)), expected);
    return true;
  }

  #timed(
    what: string,
    path: string,
    { value, iso }: { readonly value: number | undefined; readonly iso: string | null | undefined },
  ): void {
    const node = path.split('/')[0] ?? '';
    const at = node === 'demand' || node === 'peaks' ? `${path}-at` : `${node}/measured-at`;
    const candidates = this.#own.filter(({ values }) => values[path] !== undefined);
    const reading = candidates.find((each) => this.#isAt(each.measuredAt, iso)) ?? candidates[0];
    const isReading = iso !== null && iso !== undefined;
    this.compare(what, reading?.values[path], isReading ? value : undefined);
    if (!reading || !isReading) return;
    if (!this.#isAt(reading.measuredAt, iso)) this.compare(`${what} time`, isoOf(reading.measuredAt), iso);
    this.compare(`${what} ${at}`, reading.values[at], isoOf(reading.measuredAt));
    this.#seen.add(path).add(at);
  }

  /** Whether an instant is that of an ISO time, which is local where it has no offset. */
  #isAt(instant: number | undefined, iso: string | null | undefined): boolean {
    if (instant === undefined || typeof iso !== 'string') return false;
    if (/[+-]\d\d:\d\d$|Z$/.test(iso)) return instant === Date.parse(iso);
    const local = new Intl.DateTimeFormat('sv-SE', { timeZone: this.#timeZone, dateStyle: 'short', timeStyle: 'medium' });
    return local.format(instant).replace(' ', 'T') === iso;
  }

  #list({ parts = [] }: ExpectedObject): void {
    if (parts[1]?.raw === '1-0:1.6.0') {
      const months = [];
      for (let at = 3; at + 2 < parts.length; at += 3)
        months.push({ end: parts[at]?.iso ?? '', at: parts[at + 1]?.iso, peak: parts[at + 2] });
      months.sort((one, other) => Date.parse(other.end) - Date.parse(one.end));
      for (const [index, { at, peak }] of months.entries())
        this.#timed(`peak ${index + 1}`, `peaks/month-${index + 1}`, { value: peak && numberOf(peak, 'W'), iso: at });
      return;
    }
    const rows = CATALOGUE.filter(({ node, unit }) => node === 'month-end' && unit !== undefined);
    for (const [index, part] of parts.slice(1).entries())
      this.#timed(`month-end ${index}`, pathOf(rows[index]), { value: numberOf(part, rows[index]?.unit), iso: parts[0]?.iso });
  }

  #failures({ parts = [] }: ExpectedObject): void {
    const failures = [];
    for (let at = 2; at + 1 < parts.length; at += 2) {
      const ended = instantOf(parts[at]?.iso);
      failures.push({ ended: isoOf(ended) ?? null, seconds: Number(/^\d+/.exec(parts[at + 1]?.raw ?? '')?.[0]) });
    }
    this.compare('failures', this.#take('quality/failure-log'), JSON.stringify(failures));
  }

  /** A channel is published once its meter has a reading that is not much older than those of others of its kind. */
  channel(
    { channel, deviceType, equipmentId, equipmentIdText, ean, eanText, valve, reading }: ExpectedChannel,
    { objects }: ExpectedTelegram,
  ): void {
    const kind = KINDS[Number.parseInt(deviceType ?? '', 16)];
    const node = Object.keys(this.#said.values)
      .find((path) => path.endsWith('/channel') && this.#said.values[path] === channel)
      ?.split('/')[0];
    const aceReadings = deviceType === undefined ? objects.filter(({ obis }) => obis.startsWith('7-0:23.1.0')) : [];
    if (aceReadings.length > 0) {
      this.#aceReadings(aceReadings, equipmentId ?? '');
      return;
    }
    const isLive = kind !== undefined && typeof reading?.timestamp.iso === 'string';
    this.compare(`channel ${channel} node`, node?.replace(/-\d$/, ''), isLive ? kind : undefined);
    if (!isLive || node === undefined) return;
    const { timestamp, value, unit } = reading;
    this.#timed(`channel ${channel}`, `${node}/${unit === 'm3' ? 'volume' : 'energy'}`, {
      value: Number(value),
      iso: timestamp.iso,
    });
    const serial = equipmentIdText ?? equipmentId;
    this.compare(`channel ${channel} serial`, this.#take(`${node}/serial-number`), serial?.trim() || undefined);
    this.compare(`channel ${channel} ean`, this.#take(`${node}/ean`), (eanText ?? ean)?.trim() || undefined);
    this.compare(`channel ${channel} valve`, this.#take(`${node}/valve`), valve ? Number(valve) : undefined);
    this.#seen.add(`${node}/channel`);
  }

  #aceReadings(readings: readonly ExpectedObject[], serial: string): void {
    this.compare('gas serial', this.#take('gas/serial-number'), serial.trim());
    for (const { parts = [] } of readings) {
      const iso = `20${(parts[1]?.raw ?? '').replace(' ', 'T')}`;
      this.#timed(`gas at ${iso}`, 'gas/volume', { value: Number(parts[0]?.value), iso });
    }
    this.#take('gas/valve');
    this.#seen.add('gas/channel');
  }

  #take(path: string): Values[string] | undefined {
    this.#seen.add(path);
    return this.#said.values[path];
  }

  /** What was found, and values that nobody asked for. */
  end(): string[] {
    const computed = ['power/net-usage', 'demand/projected', 'demand/warning'];
    const shown = new Set([this.#said, ...this.#own].flatMap(({ values }) => Object.keys(values)));
    const extra = [...shown].filter((path) => !this.#seen.has(path) && !computed.includes(path));
    return [...this.#differences, ...extra.map((path) => `${path}: not in the telegram`)];
  }
}

/** What the device types of EN 13757-3 that occur in captures are published as. */
const KINDS: Readonly<Record<number, string>> = { 2: 'electricity', 3: 'gas', 4: 'heat', 7: 'water' };

type CatalogueRow = (typeof CATALOGUE)[number];

function rowsOf(obis: string): CatalogueRow[] {
  const rows = CATALOGUE.filter((row) => row.obis === obis);
  return rows.length > 0 ? rows : CATALOGUE.filter((row) => row.obis === obis.replace('1-1:', '1-0:'));
}

function pathOf(row: CatalogueRow | undefined): string {
  return `${row?.node ?? ''}/${row?.property ?? ''}`;
}

function isOfChannel(obis: string): boolean {
  return /^(0-[1-9]:(24\.|96\.1\.)|7-0:)/.test(obis);
}

function isOfFamily(sent: string | null | undefined, unit: string | undefined): boolean {
  return typeof sent === 'string' && unit !== undefined && sent.toLowerCase().replace(/^k/, '') === unit.toLowerCase();
}

/** A value in the unit of its property, which is the one sent or a thousandth of it; the latter too where none is sent with three decimals. */
function numberOf({ value = '', unit }: ExpectedPart, to: string | undefined): number {
  const isKilo = typeof unit !== 'string' ? /^[Wv]/.test(to ?? '') && /\.\d{3}$/.test(value) : /^k/i.test(unit);
  return isKilo ? Number(`${value}e3`) : Number(value);
}

function contentOf({ raw, parts }: ExpectedObject): string {
  return parts ? parts.map((part) => part.raw).join(')(') : raw;
}

function instantOf(iso: string | null | undefined): number | undefined {
  return typeof iso === 'string' ? Date.parse(iso) : undefined;
}

function isoOf(instant: number | undefined): string | undefined {
  return instant === undefined ? undefined : new Date(instant).toISOString();
}
