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
