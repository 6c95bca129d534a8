import { Connection } from './mqtt-connection.js';
import type { MqttOptions } from './mqtt-settings.js';
import { prepareSocket } from './mqtt-socket.js';

export { judgeMqtt } from './mqtt-safety.js';
export { MQTT_SETTINGS, type MessageHandler, type MqttOptions, type MqttSettings } from './mqtt-settings.js';
export type { Connection as MqttConnection } from './mqtt-connection.js';

/**
 * Connects to a broker; with `mqtts://` its certificate is verified always.
 * @throws LinkError no connection within 10 s, or a refusal, in words that a user can act on
 */
export async function connect(options: MqttOptions, signal: AbortSignal): Promise<Connection> {
  const connection = new Connection(options, await prepareSocket(options.settings, signal));
  try {
    await connection.until(() => connection.established, signal);
    // Whoever gave up a moment ago does not wait for the connection, and would never end it.
    signal.throwIfAborted();
    return connection;
  } catch (error) {
    connection.destroy();
    throw error;
  }
}
