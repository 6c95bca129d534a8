import type { SinkKind } from '../pipeline/sink.js';

/** Every kind of destination, by the `type` of a `[sinks.<name>]`. Loaded when asked for, so that unused ones cost nothing. */
export const SINKS = {
  csv: () => import('./csv/index.js').then((module) => module.default),
  'home-assistant': () => import('./home-assistant/index.js').then((module) => module.default),
  homie: () => import('./homie/index.js').then((module) => module.default),
  http: () => import('./http/index.js').then((module) => module.default),
  influxdb: () => import('./influxdb/index.js').then((module) => module.default),
  metrics: () => import('./metrics/index.js').then((module) => module.default),
  'mqtt-json': () => import('./mqtt-json/index.js').then((module) => module.default),
  sql: () => import('./sql/index.js').then((module) => module.default),
} as const satisfies Readonly<Record<string, () => Promise<SinkKind>>>;
