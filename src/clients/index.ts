import type { ClientKind } from '../pipeline/client.js';

/** Every kind of meter, by the `type` of `[client]`. Loaded when asked for, so that unused ones cost nothing. */
export const CLIENTS = {
  dummy: () => import('./dummy/index.js').then((module) => module.default),
  kamstrup: () => import('./kamstrup/index.js').then((module) => module.default),
  p1: () => import('./p1/index.js').then((module) => module.default),
} as const satisfies Readonly<Record<string, () => Promise<ClientKind>>>;
