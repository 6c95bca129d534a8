import { defineSettings, type Choice, type SettingsOf } from '../../model/settings.js';
import { linkSettings } from '../../transports/open-link.js';
import { LINES, PRESETS, type Preset } from './line.js';

const PRESET = {
  doc: 'What kind of meter it is, by which its line and its telegrams are known; auto tries both speeds',
  format: Object.keys(PRESETS) as Preset[],
  optional: true,
} as const;

const { serial, tcp, replay } = linkSettings(LINES['115200 8N1']).choice;

/** The section `[client.link]`. What is not set of the line follows from the preset. */
const LINK = {
  default: 'serial',
  choice: {
    serial: {
      path: serial.path,
      preset: PRESET,
      baud_rate: { doc: 'Bits per second', format: 'integer', optional: true, min: 50, max: 4_000_000 },
      data_bits: { doc: 'Data bits per character', format: 'integer', optional: true, min: 7, max: 8 },
      parity: { doc: 'Parity bit per character', format: ['none', 'even', 'odd'], optional: true },
      stop_bits: { doc: 'Stop bits per character', format: 'integer', optional: true, min: 1, max: 2 },
    },
    tcp: { ...tcp, preset: PRESET },
    replay: { ...replay, preset: PRESET },
  },
} as const satisfies Choice;

/** The keys of `[client]` of a meter with a P1 port. */
export const p1Settings = defineSettings({
  encryption_key: {
    doc: 'Global unicast encryption key (GUEK) of the meter; without one only unencrypted telegrams are read',
    format: 'key',
    optional: true,
    sensitive: true,
  },
  authentication_key: {
    doc: 'Global authentication key (GAK) of the meter, which proves that a frame comes from it unchanged',
    format: 'key',
    optional: true,
    sensitive: true,
  },
  authentication: {
    doc: 'verify: check the tag of each encrypted frame; crc: only the check sum inside, where the grid operator hands out no GAK. Default: verify when authentication_key is set, else crc',
    format: ['verify', 'crc'],
    optional: true,
  },
  time_zone: {
    doc: "Where the meter is, for the offset of its clock's winter time",
    format: 'time-zone',
    default: 'Europe/Amsterdam',
  },
  raw: {
    doc: 'Whether objects that are not known here are published too, as they are sent, under the node raw',
    format: 'boolean',
    default: false,
  },
  demand_floor: {
    doc: 'In watts: no demand below it is warned of as a new peak of the month. Default: what Belgium bills at least',
    format: 'integer',
    default: 2_500,
    min: 0,
  },
  period: { doc: 'How often the meter sends', format: 'duration', default: '10s', min: 1_000 },
  share_port: {
    doc: 'TCP port on which verified telegrams are passed on to other programs, decrypted; without one they are not',
    format: 'integer',
    optional: true,
    min: 1,
    max: 65_535,
  },
  share_address: {
    doc: 'Address of this machine on which share_port listens; 0.0.0.0 lets other machines read too',
    format: 'text',
    default: '127.0.0.1',
  },
  link: LINK,
});

/** The validated values of `p1Settings`. */
export type P1Settings = SettingsOf<typeof p1Settings>;
