import type { Register } from '../../../src/codecs/kmp/register.js';

/** Frames of made-up meters. Their check sums are those of Python's `binascii.crc_hqx`, their values were worked out from the KMP description by hand. */
export interface AnswerVector {
  readonly name: string;
  readonly wire: string;
  readonly registers: readonly Register[];
  /** What a heat meter publishes of it: values in the units of the topics, or of the meter where those differ by no power of ten. */
  readonly values: Readonly<Record<string, number>>;
}

/** Answers to GetRegister. */
export const ANSWERS: readonly AnswerVector[] = [
  {
    name: 'a heat meter in MWh whose values hold 1B, 40, 06, 80 and 0D',
    wire:
      '403f10003c03044300001be41bbf0044280442001bf91b7f1bf2004a290200021bf90050160241001bbf00562502421be47f' +
      '00572502421bf21be400592602420e6403ec2e040000001bbf1be4a6cf0d',
    registers: [
      { id: 60, unitCode: 0x03, value: { integer: 6_976, exponent: -3 } },
      { id: 68, unitCode: 0x28, value: { integer: 425_997, exponent: -2 } },
      { id: 74, unitCode: 0x29, value: { integer: 518, exponent: 0 } },
      { id: 80, unitCode: 0x16, value: { integer: 64, exponent: -1 } },
      { id: 86, unitCode: 0x25, value: { integer: 7_039, exponent: -2 } },
      { id: 87, unitCode: 0x25, value: { integer: 3_355, exponent: -2 } },
      { id: 89, unitCode: 0x26, value: { integer: 3_684, exponent: -2 } },
      { id: 1004, unitCode: 0x2e, value: { integer: 16_411, exponent: 0 } },
    ],
    values: {
      'energy/imported-total': 6_976,
      'flow/volume': 4_259.97,
      'flow/flow': 518,
      'power/current-usage': 6.4,
      'temperatures/temp1': 70.39,
      'temperatures/temp2': 33.55,
      'temperatures/temp-diff': 36.84,
      'ops/hour-counter': 16_411,
    },
  },
  {
    name: 'a heat meter in GJ whose flow is a little colder than its return',
    wire: '403f10003c0804420001e21bbf00442804420002dca400592602c2001bf2b91be40d',
    registers: [
      { id: 60, unitCode: 0x08, value: { integer: 123_456, exponent: -2 } },
      { id: 68, unitCode: 0x28, value: { integer: 187_556, exponent: -2 } },
      { id: 89, unitCode: 0x26, value: { integer: -13, exponent: -2 } },
    ],
    values: { 'energy/imported-total': 1_234.56, 'flow/volume': 1_875.56, 'temperatures/temp-diff': -0.13 },
  },
  {
    name: 'a meter in litres and m³/h that counts its hours as a number',
    wire: '403f100044270400000caf1be403ec3304000000d668004a2a0243001b7faac20d',
    registers: [
      { id: 68, unitCode: 0x27, value: { integer: 831_259, exponent: 0 } },
      { id: 1004, unitCode: 0x33, value: { integer: 54_888, exponent: 0 } },
      { id: 74, unitCode: 0x2a, value: { integer: 128, exponent: -3 } },
    ],
    values: { 'flow/volume': 831.259, 'ops/hour-counter': 54_888, 'flow/flow': 128 },
  },
];
