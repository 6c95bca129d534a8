import { resolve } from 'node:path';
import type { CipheringKeys } from '../codecs/dlms/ciphering.js';
import { keyAsWritten } from '../codecs/dlms/key-mistakes.js';
import { anonymiseKmp } from '../codecs/kmp/anonymise.js';
import { anonymiseP1, DEMO_KEYS } from '../codecs/p1/anonymise.js';
import { opensFrame } from '../codecs/p1/check-keys.js';
import { findFrames } from '../codecs/p1/find.js';
import { Pseudonyms } from '../codecs/pseudonyms.js';
import type { Capture, CaptureDirection } from '../transports/capture.js';
import { bytesOf, withEdits } from '../transports/edit-capture.js';
import { readCapture, writeCapture } from './capture-file.js';
import { EXIT, Failure, UsageError, type CommandContext, type Options } from './command.js';
import { keyTexts } from './key-texts.js';
import { count, text } from './options.js';

const hex = (key: Uint8Array): string => Buffer.from(key).toString('hex').toUpperCase();

/** What `anonymise --help` says. */
export const HELP = `Makes a recording that can be shown to others: serial numbers, equipment identifiers, EANs and system
titles become made-up ones of the same form, the same for the same; messages are blanked; encrypted
frames are encrypted again with keys that everybody may know; check sums and tags are made anew. What
belongs to no frame that can be read is blanked, and so are damaged frames of a heat meter.

It decodes to the same readings, with these keys:
  encryption_key = "${hex(DEMO_KEYS.encryptionKey)}"
  authentication_key = "${hex(DEMO_KEYS.authenticationKey)}"
What stays: values and times, the manufacturer and the model.

Usage:
  smart-meter-reader anonymise <file> [--environment <name> | --keys] [--output <file>]

Options:
  --environment <name>   whose keys open an encrypted recording
  --keys                 ask for the keys
  -o, --output <file>    otherwise <file> with ".anonymous" before its extension

Exit codes: 0 done, 1 the key opens no frame, 65 the file holds no frame or is no recording, 66 it cannot
be read, 73 the new one cannot be written, 64, 70, 78 as always.
`;

/**
 * Makes a recording that can be shown.
 * @returns the exit code
 * @throws Failure the file cannot be read or written, or the keys do not open it
 */
export async function anonymiseCommand(names: readonly string[], options: Options, context: CommandContext): Promise<number> {
  const [path, ...others] = names;
  if (path === undefined || others.length > 0) throw new UsageError('name one file');
  const capture = withoutParity(await readCapture(path, context));
  const pseudonyms = new Pseudonyms();
  const apdus = framesOf(capture).filter((frame) => frame[0] !== SLASH);
  const keys = apdus.length > 0 ? await keysFor(apdus, options, context) : undefined;
  const anonymised = anonymiseCapture(capture, keys, pseudonyms);
  if (anonymised.frames === 0) throw new Failure(EXIT.data, `${path} holds no frame that could be read`);
  const output = text(options.output) ?? path.replace(/(\.[^./]*)?$/, '.anonymous$1');
  await writeCapture(resolve(context.cwd, output), anonymised.capture);
  context.stdout(`${output}: ${count(anonymised.frames, 'frame')}, ${count(pseudonyms.size, 'name')} replaced.
${keys ? `It is encrypted with these keys, which everybody may know:\n  encryption_key = "${hex(DEMO_KEYS.encryptionKey)}"\n  authentication_key = "${hex(DEMO_KEYS.authenticationKey)}"\n` : ''}Values and times are the real ones. Look it through before you show it: it is a text file.
`);
  return EXIT.ok;
}

const SLASH = 0x2f;

function framesOf(capture: Capture): Uint8Array[] {
  const heard = bytesOf(capture, 'from');
  return findFrames(heard).map(({ start, end }) => heard.subarray(start, end));
}

/** A line of 7 data bits is recorded with its parity bits, behind which telegrams are not found. */
function withoutParity(capture: Capture): Capture {
  const chunks = capture.chunks.map((chunk) => ({ ...chunk, bytes: chunk.bytes.map((byte) => byte & 0x7f) }));
  const stripped = { ...capture, chunks };
  const isSevenBits = framesOf(capture).length === 0 && framesOf(stripped).length > 0;
  return isSevenBits ? stripped : capture;
}

async function keysFor(apdus: readonly Uint8Array[], options: Options, context: CommandContext): Promise<CipheringKeys> {
  const environment = text(options.environment);
  const asks = options.keys === true;
  if (environment === undefined && !asks)
    throw new UsageError('the recording is encrypted: say with --environment whose keys open it, or --keys to be asked for them');
  const texts = await keyTexts(environment, text(options.settings), context, asks);
  const [encryption] = keyAsWritten(texts.encryption);
  const [authentication] = keyAsWritten(texts.authentication ?? '');
  if (!encryption || !apdus.some((apdu) => opensFrame(apdu, encryption.key)))
    throw new Failure(EXIT.no, `the encryption key opens none of ${count(apdus.length, 'frame')}: check-key may say why`);
  return { encryptionKey: encryption.key, authenticationKey: authentication?.key };
}

function anonymiseCapture(capture: Capture, keys: CipheringKeys | undefined, pseudonyms: Pseudonyms) {
  const isP1 = framesOf(capture).length > 0;
  const work = (direction: CaptureDirection) => {
    const bytes = bytesOf(capture, direction);
    return isP1 ? anonymiseP1(bytes, keys, pseudonyms) : anonymiseKmp(bytes, pseudonyms);
  };
  const [from, to] = [work('from'), work('to')];
  const edited = withEdits(capture, { from: from.edits, to: to.edits });
  const keysNote = keys
    ? `; encryption_key ${hex(DEMO_KEYS.encryptionKey)}, authentication_key ${hex(DEMO_KEYS.authenticationKey)}`
    : '';
  return {
    frames: from.frames,
    capture: { ...edited, header: { ...capture.header, note: `anonymised${keysNote}` } },
  };
}
