/** A settings file of an environment that publishes to a broker, with another port in place of the usual one. */
export interface SerialEnvironment {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  /** Of the serial port; a number is a TCP port of this machine. */
  readonly path: string | number;
  /** More lines of `[client]`. */
  readonly client?: string;
}

/** `t210.toml`, as a user would fill it in. */
export function t210Toml({ id, name, url, path, client = '' }: SerialEnvironment): string {
  return environment(id, name, `type = "p1"\ntime_zone = "Europe/Vienna"\n${client}\n${link(path)}`, url);
}

/** `kamstrup_403.toml`, as a user would fill it in. */
export function kamstrupToml({ id, name, url, path, client = '' }: SerialEnvironment): string {
  return environment(id, name, `type = "kamstrup"\n${client}\n${link(path)}`, url);
}

/** `dummy.toml`, read so often that a test need not wait. */
export function dummyToml({
  url,
  id = 'dummy-smart-meter',
  interval = '100ms',
}: {
  url: string;
  id?: string;
  interval?: string;
}): string {
  return environment(id, 'Dummy Device', `type = "dummy"\ninterval = "${interval}"`, url);
}

function environment(id: string, name: string, client: string, url: string): string {
  return `[device]\nid = "${id}"\nname = "${name}"\n[mqtt]\nurl = "${url}"\n[sinks.homie]\n[client]\n${client}\n`;
}

function link(path: string | number): string {
  const keys =
    typeof path === 'string' ? `type = "serial"\npath = "${path}"` : `type = "tcp"\nhost = "127.0.0.1"\nport = ${path}`;
  return `[client.link]\n${keys}`;
}
