import type { Observer } from './mqtt-observer.js';

/** Waits until a device shows under `ready` what was received after this moment. */
export async function freshlyReady(observer: Observer, device: string): Promise<void> {
  const now = new Date().toISOString();
  const topic = `homie/${device}`;
  await observer.until(
    ({ topics }) => topics.get(`${topic}/$state`) === 'ready' && (topics.get(`${topic}/meter/received-at`) ?? '') > now,
    `${device} with a current value under ready`,
  );
}
