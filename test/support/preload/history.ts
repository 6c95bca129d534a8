import { appendFileSync, existsSync } from 'node:fs';
import { LinkError } from '../../../src/model/errors.js';
import { defineHistory } from '../../../src/pipeline/sink.js';
import type { SINKS } from '../../../src/sinks/index.js';
import { programModule } from './program-module.js';

/** Has the sink `homie` be a history instead: a file `store` in the current folder, which is away while a file `away` is there. */
const sinks = (await programModule('sinks/index.js')).SINKS as { homie: (typeof SINKS)['homie'] };
const load = sinks.homie;
sinks.homie = async () => {
  const { settings } = await load();
  return defineHistory({
    settings,
    create: () => ({
      batch: { items: 100, ms: 50 },
      open: async () => {
        if (existsSync('away')) throw new LinkError('the store is away');
      },
      write: async (items) => {
        if (existsSync('away')) throw new LinkError('the store is away');
        const lines = items.map(({ device, at, sequence }) => `${JSON.stringify([device.id, at, sequence])}\n`);
        appendFileSync('store', lines.join(''));
      },
      close: async () => undefined,
    }),
  });
};
