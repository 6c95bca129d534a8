/** Which way bytes went: from the meter, or to it. */
export type CaptureDirection = 'from' | 'to';

/** Bytes that went over the line together. */
export interface CaptureChunk {
  /** Milliseconds since the capture began, to the microsecond. */
  readonly atMs: number;
  readonly direction: CaptureDirection;
  readonly bytes: Uint8Array;
}

/** What was recorded of a line. `header` holds what the file says of itself, by the names in `CAPTURE_HEADERS` and perhaps others. */
export interface Capture {
  readonly header: Readonly<Record<string, string>>;
  readonly chunks: readonly CaptureChunk[];
}

/** The lines of the header that have a meaning. `started` is a time as ISO 8601 writes it. */
export const CAPTURE_HEADERS = ['recorded-by', 'started', 'client', 'line', 'note'] as const;

/** A file is not a capture, and where and why not. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
}

/** The most that is read: weeks of a line that talks every ten seconds. */
export const MAX_CAPTURE_BYTES = 64 * 1024 * 1024;

const MAGIC = 'smart-meter-reader capture';
const VERSION = '1';

const EXPLANATION = `# Time in milliseconds, < from the meter or > to the meter, bytes in hexadecimal. A line without a time goes on with the one before.
# What follows a # is a remark.`;

const MARK = { from: '<', to: '>' } as const satisfies Record<CaptureDirection, string>;
const BYTES_PER_LINE = 32;
const BYTES_PER_GROUP = 4;
const TIME_WIDTH = 12;

/** Writes the beginning of a capture, up to where its chunks follow. Format and example: README.md, "Captures". */
export function encodeCaptureHeader(header: Capture['header']): string {
  const lines = Object.entries(header).map(([name, value]) => `${name}: ${value.replaceAll(/\s+/g, ' ')}`);
  return [`${MAGIC} ${VERSION}`, ...lines, EXPLANATION, '', ''].join('\n');
}

/** Writes a chunk: a line for each 32 bytes, the first of them with the time. What can be read as text stands behind it as a remark. */
export function encodeCaptureChunk({ atMs, direction, bytes }: CaptureChunk): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += BYTES_PER_LINE) {
    const time = at === 0 ? atMs.toFixed(3) : '';
    text += `${time.padStart(TIME_WIDTH)} ${MARK[direction]} ${printBytes(bytes.subarray(at, at + BYTES_PER_LINE))}\n`;
  }
  return text;
}

/** Writes a whole capture. */
export function encodeCapture({ header, chunks }: Capture): string {
  return encodeCaptureHeader(header) + chunks.map(encodeCaptureChunk).join('');
}

/**
 * Reads a capture. A file without its first line is taken for a dump of what came from the meter, all of it at once: of hexadecimal digits when it holds
 * nothing else, and otherwise of the bytes themselves.
 * @throws CaptureError it is a capture, and one of its lines cannot be read
 */
export function parseCapture(content: Uint8Array): Capture {
  if (content.length > MAX_CAPTURE_BYTES) throw new CaptureError(`more than ${MAX_CAPTURE_BYTES / 1024 / 1024} MiB`);
  const text = Buffer.from(content)
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '');
  if (text.trimStart().startsWith(MAGIC)) return parseLines(text.trimEnd().split(/\r?\n/));
  const bytes = readDigits(text) ?? content;
  return { header: {}, chunks: bytes.length === 0 ? [] : [{ atMs: 0, direction: 'from', bytes }] };
}

/** Whether a file that begins like this is a capture. */
export function isCapture(beginning: string): boolean {
  return beginning
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart()
    .startsWith(MAGIC);
}

/** When a capture began, milliseconds since 1970 UTC; undefined when it does not say. */
export function startOf({ header }: Capture): number | undefined {
  const started = Date.parse(header.started ?? '');
  return Number.isNaN(started) ? undefined : started;
}

function parseLines(lines: readonly string[]): Capture {
  const header: Record<string, string> = {};
  const chunks: CaptureChunk[] = [];
  const begun = lines.findIndex((line) => line.includes(MAGIC));
  const version = lines[begun]?.trim().slice(MAGIC.length).trim();
  if (version !== VERSION) throw problem(begun, `version ${version} of the format, this program reads version ${VERSION}`);
  for (let index = begun + 1; index < lines.length; index++) {
    const line = (lines[index] ?? '').trim();
    const [, name, value] = /^([A-Za-z][\w-]*):\s*(.*)$/.exec(line) ?? [];
    if (line === '' || line.startsWith('#')) continue;
    if (name !== undefined && chunks.length === 0) header[name.toLowerCase()] = value ?? '';
    else addLine(chunks, line, index);
  }
  return { header, chunks };
}

function addLine(chunks: CaptureChunk[], line: string, index: number): void {
  const [, time, mark, rest = ''] = /^(\d+(?:\.\d+)?)?\s*([<>])([^#]*)/.exec(line) ?? [];
  if (mark === undefined) throw problem(index, 'expected a time in milliseconds, < or >, and bytes in hexadecimal');
  const bytes = readDigits(rest);
  if (!bytes) throw problem(index, 'the bytes are not pairs of hexadecimal digits');
  const direction = mark === MARK.from ? 'from' : 'to';
  const before = chunks.at(-1);
  const atMs = time === undefined ? (before?.atMs ?? 0) : Number(time);
  if (before && atMs < before.atMs) throw problem(index, `the time ${atMs} is before that of the line above, ${before.atMs}`);
  if (time === undefined && before?.direction === direction) {
    chunks.pop();
    chunks.push({ ...before, bytes: Buffer.concat([before.bytes, bytes]) });
  } else if (bytes.length > 0) chunks.push({ atMs, direction, bytes });
}

function problem(index: number, message: string): CaptureError {
  return new CaptureError(`line ${index + 1}: ${message}`);
}

/** Bytes from hexadecimal digits with blanks anywhere between them; undefined when the text is anything else. */
function readDigits(text: string): Uint8Array | undefined {
  const digits = text.replaceAll(/\s/g, '');
  return /^(?:[0-9a-f]{2})*$/i.test(digits) ? Buffer.from(digits, 'hex') : undefined;
}

function printBytes(bytes: Uint8Array): string {
  const digits = Buffer.from(bytes).toString('hex');
  const groups = digits.match(new RegExp(`.{1,${2 * BYTES_PER_GROUP}}`, 'g')) ?? [];
  const text = Buffer.from(bytes).toString('latin1');
  return groups.join(' ') + (/^[\x20-\x7e\r\n]{4,}$/.test(text) ? `  # ${text.replaceAll(/[\r\n]/g, '.')}`.trimEnd() : '');
}
