import { propertyTopic, stateTopic } from '../../src/sinks/homie-topics.js';
import { startBroker, type Broker } from '../support/broker.js';
import { dummyToml } from '../support/environments.js';
import { observe } from '../support/mqtt-observer.js';
import { startProgram } from '../support/program.js';
import { median, print, type Figure } from './figure.js';

const STARTS = 5;
const ROOT = 'homie';

/** Milliseconds from the start of the process. */
interface Start {
  readonly firstPublishMs: number;
  readonly firstValueMs: number;
}

/** From nothing to the first publication and to the first value, with a meter that has one to tell at once. */
export async function coldStart(): Promise<Figure[]> {
  await using broker = await startBroker();
  const starts: Start[] = [];
  for (let index = 0; index < STARTS; index++) starts.push(await start(broker, `dummy-${index}`));
  return [
    {
      what: 'cold start → first publication (`$state` `init`)',
      measured: `${print(median(starts.map(({ firstPublishMs }) => firstPublishMs)))} ms`,
    },
    { what: '… → first value', measured: `${print(median(starts.map(({ firstValueMs }) => firstValueMs)))} ms` },
  ];
}

/** @param id of a device that the broker does not know yet */
async function start(broker: Broker, id: string): Promise<Start> {
  await using observer = await observe(broker.url);
  const startedAt = performance.now();
  await using _program = await startProgram({
    args: ['run', 'dummy'],
    settings: { 'dummy.toml': dummyToml({ url: broker.url, id }) },
  });
  const elapsedAtFirst = async (topic: string): Promise<number> => {
    await observer.until(({ topics }) => topics.has(topic), topic);
    return performance.now() - startedAt;
  };
  return {
    firstPublishMs: await elapsedAtFirst(stateTopic(ROOT, id)),
    firstValueMs: await elapsedAtFirst(propertyTopic(ROOT, id, 'power/current-usage')),
  };
}
