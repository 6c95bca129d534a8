import type { CLIENTS } from '../../../src/clients/index.js';
import type { ClientKind } from '../../../src/pipeline/client.js';
import type { SinkKind } from '../../../src/pipeline/sink.js';
import type { SINKS } from '../../../src/sinks/index.js';
import { programModule } from './program-module.js';

/** The seed of a dummy meter whose client dies before its first reading, each time. */
const DIES_AT_ONCE = 1_001;
/** The seed of a dummy meter whose client dies after each reading. */
const DIES_LATER = 1_002;
/** The root of a Homie sink that dies of every write. */
const DIES_WRITING = 'broken';

const clients = (await programModule('clients/index.js')).CLIENTS as { dummy: (typeof CLIENTS)['dummy'] };
const loadDummy = clients.dummy;
clients.dummy = async (): Promise<ClientKind> => {
  const kind = await loadDummy();
  return {
    ...kind,
    create: (settings, context) => {
      const { seed } = settings as { readonly seed: number };
      const client = kind.create(settings, context);
      if (seed !== DIES_AT_ONCE && seed !== DIES_LATER) return client;
      return {
        ...client,
        async *readings(stop) {
          for await (const item of client.readings(stop)) {
            if (seed === DIES_LATER) yield item;
            throw new TypeError('a bug in the client');
          }
        },
      };
    },
  };
};

const sinks = (await programModule('sinks/index.js')).SINKS as { homie: (typeof SINKS)['homie'] };
const loadHomie = sinks.homie;
sinks.homie = async (): Promise<SinkKind> => {
  const kind = await loadHomie();
  return {
    ...kind,
    create: (settings, context) => {
      const sink = kind.create(settings, context);
      if ((settings as { readonly root: string }).root === DIES_WRITING)
        sink.write = () => Promise.reject(new TypeError('a bug in the sink'));
      return sink;
    },
  };
};
