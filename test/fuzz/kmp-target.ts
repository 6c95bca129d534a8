import { GET_SERIAL_NUMBER, GET_TYPE } from '../../src/codecs/kmp/command.js';
import { parseRequestedRegisters } from '../../src/codecs/kmp/encode.js';
import { KmpDecoder, MAX_FRAME_BYTES, type KmpFrame } from '../../src/codecs/kmp/frame.js';
import { parseRegisters } from '../../src/codecs/kmp/register.js';
import { framesOf, Violation, type Step } from './feed.js';
import { answersIn, registersIn, writeAnswer, type KmpText } from './kmp-oracle.js';
import type { Random } from './random.js';
import type { ParserTarget, StreamTarget } from './target.js';

/** An answer that goes in intact. */
export interface KmpOriginal extends KmpText {
  readonly wire: Uint8Array;
}

/** The decoder of a heat meter's answers. All that comes out is compared with all that the second implementation finds. */
export const KMP_TARGET: StreamTarget<KmpOriginal> = {
  name: 'KMP, answers',
  checkSumOnly: true,
  token: kmpToken,
  make: makeAnswer,
  judge,
};

/** What reads the data of answers, and of requests. */
export const KMP_PARSER: ParserTarget = {
  name: 'KMP, data',
  examine(random) {
    const data = random.oneIn(2) ? Buffer.from(someRegisters(random), 'hex') : Buffer.from(random.bytes(random.below(30)));
    if (data.length > 0 && random.oneIn(2)) data[random.below(data.length)] = random.below(256);
    checkRegisters(data);
    const serial = GET_SERIAL_NUMBER.parse(data);
    if (serial !== (data.length === 4 ? data.readUInt32BE(0) : undefined)) throw new Violation(`serial number ${serial}`);
    const type = GET_TYPE.parse(data)?.type;
    if (type !== (data.length === 4 ? data.readUInt16BE(0) : undefined)) throw new Violation(`type ${type}`);
    const asked = parseRequestedRegisters(data);
    if (asked && asked.length !== data[0]) throw new Violation(`asked for ${asked.length} registers`);
  },
};

function judge(steps: readonly Step[], sent: readonly KmpOriginal[]): number {
  const frames = framesOf(new KmpDecoder('answer'), steps, MAX_FRAME_BYTES).map(textOf);
  const expected = answersIn(steps);
  if (frames.length !== expected.length || !frames.every((frame, at) => isSame(frame, expected[at]))) {
    throw new Violation(`${JSON.stringify(frames)} instead of ${JSON.stringify(expected)}`);
  }
  for (const { data } of frames) checkRegisters(Buffer.from(data, 'hex'));
  if (!isSame(sent.at(0), frames.at(0))) throw new Violation('the frame before is missing');
  if (!isSame(sent.at(-1), frames.at(-1))) throw new Violation('the frame after is missing');
  return frames.filter((frame) => saysSomething(frame) && !sent.some((original) => isSame(original, frame))).length;
}

/**
 * Whether the data of a frame can be read as registers, a serial number or a type. That of two frames which lost the stop and the start between them cannot,
 * and their common check sum is right by its nature: that of what follows a right one begins at zero.
 */
function saysSomething({ data }: KmpText): boolean {
  return data.length === 8 || (data !== '' && registersIn(data) !== undefined);
}

function textOf({ address, command, data }: KmpFrame): KmpText {
  return { address, command, data: Buffer.from(data).toString('hex') };
}

function isSame(one: KmpText | undefined, other: KmpText | undefined): boolean {
  return one?.address === other?.address && one?.command === other?.command && one?.data === other?.data;
}

function checkRegisters(data: Uint8Array): void {
  const found = parseRegisters(data)?.map(({ id, unitCode, value }) => `${id} ${unitCode} ${value.integer} ${value.exponent}`);
  const expected = registersIn(Buffer.from(data).toString('hex'));
  if (found?.join() !== expected?.join()) throw new Violation(`registers ${found?.join()} instead of ${expected?.join()}`);
}

function makeAnswer(random: Random): KmpOriginal {
  const command = random.pick([0x10, 0x10, 0x10, 0x01, 0x02, 0x99]);
  const noise = Buffer.from(random.bytes(command === 0x99 ? random.below(104) : 4)).toString('hex');
  const text = {
    address: random.oneIn(8) ? random.below(256) : 0x3f,
    command,
    data: command === 0x10 ? someRegisters(random) : noise,
  };
  return { ...text, wire: writeAnswer(text) };
}

/** The data of an answer to GetRegister. */
function someRegisters(random: Random): string {
  const registers = Array.from({ length: 1 + random.below(8) }, () => {
    const length = random.pick([1, 2, 4, 4, 7, 8]);
    const integer = Array.from(random.bytes(length), (byte) =>
      random.pick([byte, byte, 0x1b, 0x0d, 0x40, 0x80, 0x06, 0xe4, 0x7f]),
    );
    return Buffer.of(random.below(5), random.below(256), random.below(0x40), length, random.below(256), ...integer).toString(
      'hex',
    );
  });
  return registers.join('');
}

/** Bytes that mean something within KMP: starts, stops, escapes whole and broken, an echo. */
function kmpToken(random: Random): Uint8Array {
  return random.pick([
    () => Buffer.of(0x40),
    () => Buffer.of(0x80),
    () => Buffer.of(0x0d),
    () => Buffer.of(0x1b),
    () => Buffer.of(0x06),
    () => Buffer.of(0x1b, random.pick([0x7f, 0xbf, 0xf2, 0xf9, 0xe4])),
    () => Buffer.of(0x1b, random.below(256)),
    () => Buffer.of(0x1b, 0x0d),
    () => Buffer.of(0x40, 0x3f, 0x10),
    () => Buffer.from('803f1001003cb25f0d', 'hex'),
  ])();
}
