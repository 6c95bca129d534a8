import type { ClientContext } from '../../src/pipeline/client.js';
import { FakeClock } from './fake-clock.js';
import { RecordingLogger } from './logger.js';
import { MemoryState } from './state.js';

/** What a client is given in a test, with everything open to look at. */
export interface TestContext extends ClientContext {
  readonly log: RecordingLogger;
  readonly clock: FakeClock;
  readonly state: MemoryState;
  /** Telegrams that were counted as lost. */
  lost: number;
}

/** Makes the context of a device `meter`. */
export function clientContext(): TestContext {
  return {
    device: { id: 'meter', name: 'A meter' },
    log: new RecordingLogger(),
    clock: new FakeClock(),
    random: () => 0.5,
    state: new MemoryState(),
    lost: 0,
    countLost(telegrams) {
      this.lost += telegrams;
    },
  };
}
