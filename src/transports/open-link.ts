import type { Clock } from '../model/ports.js';
import type { Choice, SettingsOf } from '../model/settings.js';
import type { Link } from './link.js';
import type { LineSettings } from './serial.js';
import { tapped, type Tap } from './tap.js';

export type { LineSettings } from './serial.js';

/** Declares the section `[client.link]` of a client whose meter speaks with the settings of `line`. */
export function linkSettings(line: LineSettings) {
  return {
    default: 'serial',
    choice: {
      serial: {
        path: {
          doc: 'Serial port of the reading cable: a path in /dev/serial/by-id, or the udev names /dev/p1 and /dev/ir-head. /dev/ttyUSB0 is another cable after the next boot.',
          format: 'text',
        },
        baud_rate: { doc: 'Bits per second', format: 'integer', default: line.baudRate, min: 50, max: 4_000_000 },
        data_bits: { doc: 'Data bits per character', format: 'integer', default: line.dataBits, min: 7, max: 8 },
        parity: { doc: 'Parity bit per character', format: ['none', 'even', 'odd'], default: line.parity },
        stop_bits: { doc: 'Stop bits per character', format: 'integer', default: line.stopBits, min: 1, max: 2 },
      },
      tcp: {
        host: { doc: 'Name or address of the host that passes on the bytes of the line, by ser2net or the like', format: 'text' },
        port: {
          doc: 'TCP port on which it does so unchanged, in what ser2net calls raw mode',
          format: 'integer',
          min: 1,
          max: 65_535,
        },
      },
      replay: {
        path: { doc: 'File of a recording that is played in place of a meter', format: 'text' },
        speed: { doc: 'How many times faster than it was recorded, or "max"', format: 'speed', default: 1 },
        loop: { doc: 'Whether the recording begins again when it has ended', format: 'boolean', default: false },
      },
    },
  } as const satisfies Choice;
}

/** What `[client.link]` holds after validation. */
export type LinkSettings = SettingsOf<{ readonly link: ReturnType<typeof linkSettings> }>['link'];

/** How a link is opened beside its settings. */
export interface LinkOptions {
  /** What a recording is played by. */
  readonly clock?: Clock;
}

/**
 * Opens the link that the settings name; the transport is loaded then, so that unused ones cost nothing. A command that listens in puts its tap beside the settings.
 * @throws LinkError the link cannot be opened, with what to do about it
 */
export async function openLink(
  settings: LinkSettings & { readonly tap?: Tap },
  signal: AbortSignal,
  options: LinkOptions = {},
): Promise<Link> {
  const { tap } = settings;
  if (!tap) return open(settings, signal, options);
  let opened = false;
  tap.opening();
  try {
    const link = await open(settings, signal, options);
    opened = true;
    return tapped(link, tap);
  } finally {
    tap.opened(opened ? printLine(settings) : undefined);
  }
}

async function open(settings: LinkSettings, signal: AbortSignal, { clock }: LinkOptions): Promise<Link> {
  switch (settings.type) {
    case 'serial': {
      const { openSerial } = await import('./serial.js');
      return openSerial(settings.path, lineOf(settings), signal);
    }
    case 'tcp': {
      const { openTcp } = await import('./tcp.js');
      return openTcp({ host: settings.host, port: settings.port }, signal);
    }
    case 'replay': {
      if (!clock) throw new TypeError('a recording is played by a clock');
      const { openReplay } = await import('./replay.js');
      return openReplay(settings, clock, signal);
    }
  }
}

/** The settings of a line as they are spoken of, such as `115200 8N1`; the kind of link where it has none. */
function printLine(settings: LinkSettings): string {
  if (settings.type !== 'serial') return settings.type;
  const { baudRate, dataBits, parity, stopBits } = lineOf(settings);
  return `${baudRate} ${dataBits}${parity.charAt(0).toUpperCase()}${stopBits}`;
}

function lineOf(settings: Extract<LinkSettings, { readonly type: 'serial' }>): LineSettings {
  return {
    baudRate: settings.baud_rate,
    dataBits: settings.data_bits === 7 ? 7 : 8,
    parity: settings.parity,
    stopBits: settings.stop_bits === 2 ? 2 : 1,
  };
}
