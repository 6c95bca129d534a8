import type { Queue } from '../../../src/pipeline/queue.js';
import { programModule } from './program-module.js';

/** Has the central queue break: whoever takes from it dies of that. */
const queue = (await programModule('pipeline/queue.js')).Queue as typeof Queue;
queue.prototype.take = () => Promise.reject(new Error('the fan-out died'));
