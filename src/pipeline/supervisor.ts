import type { QueueItem } from '../model/reading.js';
import type { Outlet } from './fan-out.js';
import type { Pulse } from './pulse.js';

/** Whoever looks after a run from outside: sees all that the meters say, and whether the pipeline moves. */
export interface Supervisor {
  readonly pulse: Pulse;
  observe(environment: string, item: QueueItem): void;
}

/** Shows a supervisor what an environment's meters say, as if it were a sink. */
export function observed(environment: string, supervisor: Supervisor): Outlet {
  const inbox = {
    offer: (item: QueueItem) => {
      supervisor.observe(environment, item);
    },
    close: () => undefined,
  };
  return { scope: 'environment', connect: () => inbox };
}
