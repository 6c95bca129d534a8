import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom } from '../../src/simulators/random.js';
import { startProgram } from './program.js';
import { startWebServer, type Asked } from './web-server.js';

/** What the web server was told of a reading. */
export interface Told {
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  readonly sequence: number;
  /** `energy/imported-total`, in Wh. */
  readonly total: number;
}

/** How a household is killed. */
export interface Killing {
  readonly kills: number;
  /** The settings of the store that is tested. */
  readonly sink: string;
  /** Its secrets. */
  readonly secrets?: string;
}

/**
 * Has a household speak ten times a second, to a web server and the store of the test, and kills the program at random moments; the seed of them is printed.
 * @returns what the web server was told, each reading once, in its order
 */
export async function killedHousehold(t: TestContext, { kills, sink, secrets = '' }: Killing): Promise<readonly Told[]> {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const random = randomFrom(seed);
  await using server = await startWebServer(() => ({ status: 204 }));
  const settings = `device.id = "house"
[client]
type = "dummy"
interval = "100ms"
[sinks.http]
url = "${server.url}"
template = '{"at":"{ms}","sequence":"{sequence}","total":"{energy/imported-total}"}'
${sink}`;
  const files = { 'dummy.toml': settings, 'dummy.secrets.toml': secrets };
  await using first = await startProgram({ args: ['run', 'dummy'], settings: files });
  let program = first;
  try {
    for (let kill = 0; kill < kills; kill++) {
      await moreOf(server.asked);
      await sleep(random() * 300);
      await program.end('SIGKILL');
      program = await first.again();
    }
    await moreOf(server.asked);
    assert.equal((await program.end('SIGTERM')).code, 0);
  } finally {
    await program[Symbol.asyncDispose]();
  }
  const told = onceEach(server.asked);
  // Sequences have gaps at starts alone.
  const gaps = told.filter(({ sequence }, index) => index > 0 && told[index - 1]?.sequence !== sequence - 1);
  assert.ok(gaps.length <= kills, `${gaps.length} gaps`);
  return told;
}

/** Waits for five more requests. @throws when they do not come in a minute */
async function moreOf(asked: readonly unknown[]): Promise<void> {
  const enough = asked.length + 5;
  for (let tries = 0; asked.length < enough; tries++) {
    assert.ok(tries < 1_200, `${asked.length} of ${enough} requests`);
    await sleep(50);
  }
}

/** The server knows by their keys which readings it has already. */
function onceEach(asked: readonly Asked[]): readonly Told[] {
  const byKey = new Map<string, string>();
  for (const { headers, body } of asked) {
    const key = headers['idempotency-key'] ?? '';
    assert.equal(byKey.get(key) ?? body.toString(), body.toString());
    byKey.set(key, body.toString());
  }
  return [...byKey.values()].map((text) => JSON.parse(text) as Told);
}

/** Checks that a store holds what the web server was told, each once and in order; the last ones may wait for the next start, of one or the other. */
export function sameAsTold(stored: readonly { readonly at: number; readonly total: unknown }[], told: readonly Told[]): void {
  const both = Math.min(stored.length, told.length);
  assert.ok(both >= told.length - 5, `${stored.length} are stored, ${told.length} were told`);
  assert.deepEqual(
    stored.slice(0, both),
    told.slice(0, both).map(({ at, total }) => ({ at, total })),
  );
}
