import type { Choice, SettingsOf } from '../model/settings.js';
import type { Link } from './link.js';
import type { LineSettings } from './serial.js';

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
    },
  } as const satisfies Choice;
}

/** What `[client.link]` holds after validation. */
export type LinkSettings = SettingsOf<{ readonly link: ReturnType<typeof linkSettings> }>['link'];

/**
 * Opens the link that the settings name; the transport is loaded then, so that unused ones cost nothing.
 * @throws LinkError the link cannot be opened, with what to do about it
 */
export async function openLink(settings: LinkSettings, signal: AbortSignal): Promise<Link> {
  switch (settings.type) {
    case 'serial': {
      const { openSerial } = await import('./serial.js');
      return openSerial(settings.path, lineOf(settings), signal);
    }
    case 'tcp': {
      const { openTcp } = await import('./tcp.js');
      return openTcp({ host: settings.host, port: settings.port }, signal);
    }
  }
}

function lineOf(settings: Extract<LinkSettings, { readonly type: 'serial' }>): LineSettings {
  return {
    baudRate: settings.baud_rate,
    dataBits: settings.data_bits === 7 ? 7 : 8,
    parity: settings.parity,
    stopBits: settings.stop_bits === 2 ? 2 : 1,
  };
}
