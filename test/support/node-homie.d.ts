/** The part of node-homie 0.9 that the tests use: its own declarations are not found by module resolution of Node. */
declare module 'node-homie' {
  interface Observable<T> {
    subscribe(next: (value: T) => void): { unsubscribe(): void };
  }

  interface HomieProperty {
    /** `device/node/property` */
    readonly pointer: string;
    readonly value$: Observable<string | undefined>;
  }

  interface HomieDevice {
    readonly attributes: { readonly state: string };
    onInit(): Promise<void>;
  }

  type DiscoveryEvent =
    | { readonly type: 'add'; readonly deviceId: string; makeDevice(): HomieDevice }
    | { readonly type: 'remove'; readonly deviceId: string }
    | { readonly type: 'error' };

  export class HomieDeviceManager {
    readonly devices: Readonly<Record<string, HomieDevice>>;
    readonly propertiesList$: Observable<readonly HomieProperty[]>;
    hasDevice(id: string): boolean;
    add(device: HomieDevice): HomieDevice;
    destroyAllDevices(): Promise<void>;
  }

  export class DeviceDiscovery {
    readonly events$: Observable<DiscoveryEvent>;
    constructor(options: { readonly url: string; readonly topicRoot: string });
    onInit(): Promise<void>;
    onDestroy(): Promise<void>;
  }
}
