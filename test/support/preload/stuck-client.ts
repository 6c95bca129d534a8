import type { CLIENTS } from '../../../src/clients/index.js';
import type { ClientKind } from '../../../src/pipeline/client.js';
import { programModule } from './program-module.js';

/** Has the client `dummy` hang after its first reading, deaf to being told to end. */
const clients = (await programModule('clients/index.js')).CLIENTS as { dummy: (typeof CLIENTS)['dummy'] };
const load = clients.dummy;
clients.dummy = async () => {
  const kind = await load();
  const stuck: ClientKind = {
    ...kind,
    create: (settings, context) => {
      const client = kind.create(settings, context);
      return {
        ...client,
        async *readings(stop) {
          for await (const item of client.readings(stop)) {
            yield item;
            await new Promise(() => undefined);
          }
        },
      };
    },
  };
  return stuck;
};
