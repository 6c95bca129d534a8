import { DeviceDiscovery, HomieDeviceManager } from 'node-homie';

/** What an independent Homie controller has learned. `await using` disconnects it. */
export interface Controller extends AsyncDisposable {
  /** `device/node/property` → the value, undefined while there is none. */
  readonly values: ReadonlyMap<string, string | undefined>;
  /** Device id → `$state`. */
  readonly states: () => Readonly<Record<string, string>>;
  /** Resolves when the condition holds; asked after each value that is learned. */
  until(condition: () => boolean): Promise<void>;
}

/** Lets node-homie discover all devices of a broker. */
export async function discover(url: string): Promise<Controller> {
  const devices = new HomieDeviceManager();
  const discovery = new DeviceDiscovery({ url, topicRoot: 'homie' });
  const values = new Map<string, string | undefined>();
  const waiting = new Set<() => void>();
  const discovering = discovery.events$.subscribe((event) => {
    if (event.type === 'add' && !devices.hasDevice(event.deviceId)) void devices.add(event.makeDevice()).onInit();
  });
  devices.propertiesList$.subscribe((properties) => {
    for (const { pointer, value$ } of properties) {
      if (values.has(pointer)) continue;
      values.set(pointer, undefined);
      value$.subscribe((value) => {
        values.set(pointer, value);
        for (const check of waiting) check();
      });
    }
  });
  await discovery.onInit();
  return {
    values,
    states: () => Object.fromEntries(Object.entries(devices.devices).map(([id, { attributes }]) => [id, attributes.state])),
    until: (condition) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!condition()) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    [Symbol.asyncDispose]: async () => {
      // Its buffer's timer would keep the process alive.
      discovering.unsubscribe();
      await devices.destroyAllDevices();
      await discovery.onDestroy();
    },
  };
}
