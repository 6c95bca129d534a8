import type { Logger } from '../../model/ports.js';
import { openBroadcast, type Broadcast } from '../../transports/broadcast.js';
import { isLoopback } from '../../transports/loopback.js';
import { printAddress, type TcpAddress } from '../../transports/tcp.js';
import { wait } from '../../transports/wait.js';

const LINE_END = Buffer.from('\r\n');

/**
 * Passes the telegrams of one meter on to other programs, on a TCP port: as plain text, from `/` to the CRC and its line end, as a meter without
 * encryption sends them. Its readers stay connected while the link to the meter comes and goes.
 */
export class TelegramShare {
  readonly #address: TcpAddress;
  readonly #log: Logger;
  readonly #said = new Set<string>();
  #broadcast: Broadcast | undefined;

  constructor(address: TcpAddress, log: Logger) {
    this.#address = address;
    this.#log = log;
  }

  /** `Client.alongside`. */
  async serve(stop: AbortSignal): Promise<void> {
    const broadcast = await openBroadcast(
      this.#address,
      (reason) => {
        this.#sayOnce(reason);
      },
      stop,
    );
    this.#broadcast = broadcast;
    const where = printAddress(this.#address);
    this.#log.info(`telegrams are passed on at ${where}`);
    if (!isLoopback(this.#address.host)) this.#log.warn(`whoever reaches ${where} can read the telegrams: there is no password`);
    try {
      await wait(stop, () => undefined);
    } finally {
      this.#broadcast = undefined;
      await broadcast.close();
    }
  }

  /** Passes a verified telegram on to all who are connected, and waits for none. */
  send(telegram: Uint8Array): void {
    this.#broadcast?.send(Buffer.concat([telegram, LINE_END]));
  }

  #sayOnce(reason: string): void {
    const message = `a reader of the passed-on telegrams was turned away: ${reason}`;
    if (this.#said.has(reason)) this.#log.debug(message);
    else this.#log.warn(message);
    this.#said.add(reason);
  }
}
