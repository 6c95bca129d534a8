/**
 * The states that we use. Homie 4.0.0, "Device Lifecycle"; `sleeping` is for devices on batteries. `ready`: the meter is fresh; `init`: it was not heard
 * yet, or the tree is about to change; `alert`: it is silent or says nothing usable.
 */
export const HOMIE_STATES = ['init', 'ready', 'alert', 'disconnected', 'lost'] as const;

/** A state of a device. */
export type HomieState = (typeof HOMIE_STATES)[number];

/** Homie 4.0.0, "Topic IDs": where everything about a device lies, below the root that all devices share. */
export function deviceTopic(root: string, device: string): string {
  return `${root}/${device}`;
}

/** Homie 4.0.0, "Device Lifecycle": where a device says how it is. */
export function stateTopic(root: string, device: string): string {
  return `${deviceTopic(root, device)}/$state`;
}

/** Homie 4.0.0, "Properties": where the value of `node/property` lies. */
export function propertyTopic(root: string, device: string, path: string): string {
  return `${deviceTopic(root, device)}/${path}`;
}
