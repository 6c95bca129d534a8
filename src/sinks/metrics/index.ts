import { stackOf } from '../../model/errors.js';
import { defineSettings, type SettingsOf } from '../../model/settings.js';
import { Remarks } from '../../pipeline/remarks.js';
import { defineSink, type Sink, type SinkContext } from '../../pipeline/sink.js';
import { openHttp, type HttpListener } from '../../transports/http-listener.js';
import { isLoopback } from '../../transports/loopback.js';
import { printAddress, type TcpAddress } from '../../transports/tcp.js';
import { familiesOf } from './families.js';
import { healthPage } from './health.js';
import { OPEN_METRICS_TYPE, printFamilies } from './open-metrics.js';

const SETTINGS = defineSettings({
  port: { doc: 'TCP port on which the figures can be read', format: 'integer', default: 9_780, min: 1, max: 65_535 },
  address: {
    doc: 'Address of this machine on which the port listens; 0.0.0.0 lets other machines read too',
    format: 'text',
    default: '127.0.0.1',
  },
});

/** What is counted, for Prometheus and its like, and whether the meters are fresh, for whatever watches: pages over HTTP. */
export default defineSink({
  scope: 'process',
  delivery: 'latest',
  settings: SETTINGS,
  listensOn: (settings) => printAddress(addressOf(settings)),
  create: (settings, context) => new MetricsSink(addressOf(settings), context),
});

function addressOf({ address, port }: SettingsOf<typeof SETTINGS>): TcpAddress {
  return { host: address, port };
}

class MetricsSink implements Sink {
  readonly #address: TcpAddress;
  readonly #context: SinkContext;
  readonly #remarks: Remarks;
  #listener: HttpListener | undefined;

  constructor(address: TcpAddress, context: SinkContext) {
    this.#address = address;
    this.#context = context;
    this.#remarks = new Remarks(context.clock);
    if (!isLoopback(address.host))
      context.log.warn(`whoever reaches ${printAddress(address)} can read the figures: there is no password`);
  }

  async open(deadline: AbortSignal): Promise<void> {
    const { figures, log } = this.#context;
    const pages = {
      '/metrics': () => ({ status: 200, type: OPEN_METRICS_TYPE, text: printFamilies(familiesOf(figures)) }),
      '/healthz': () => healthPage(figures.meters),
    };
    const onError = (error: unknown): void => {
      this.#remarks.make('request', () => {
        log.error('a request was not answered', { error: stackOf(error) });
      });
    };
    this.#listener = await openHttp(this.#address, pages, onError, deadline);
    const where = printAddress(this.#address);
    log.info(`metrics are at http://${where}/metrics, the meters' health at http://${where}/healthz`);
  }

  /** The pages show the figures of the moment in which they are asked for: what happened meanwhile is counted there. */
  write(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    await listener?.close();
  }
}
