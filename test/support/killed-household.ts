import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { killAtRandom } from './killed-program.js';
import { until } from './until.js';
import { startWebServer, type Asked } from './web-server.js';

/** What a store has of a reading. */
export interface Stored {
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  /** `energy/imported-total`. */
  readonly total: unknown;
}

/** What the web server was told of one. */
interface Told extends Stored {
  readonly sequence: number;
}

/** How a household is killed. */
export interface KilledHousehold {
  readonly kills: number;
  /** The settings of the store that is tested. */
  readonly sink: string;
  /** Its secrets. */
  readonly secrets?: string;
  /** All that it has, in order of time. */
  readonly stored: () => Promise<readonly Stored[]>;
}

/**
 * Has a household speak ten times a second, to a web server and the store of the test, and kills the program at random moments; the seed of them is printed.
 * Then the store must have what the web server was told, each reading once; the last ones may wait for the next start, of one or the other.
 */
export async function killHousehold(t: TestContext, { kills, sink, secrets = '', stored }: KilledHousehold): Promise<void> {
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
  await killAtRandom(t, {
    program: { args: ['run', 'dummy'], settings: files },
    kills,
    lived: async (_, life) => {
      await moreOf(server.asked);
      if (life < kills) return;
      const enough = onceEach(server.asked).length;
      // A store that is not there yet has none.
      await until(async () => (await stored().catch(() => [])).length >= enough, `${enough} readings are stored`);
    },
    ended: async () => {
      const told = onceEach(server.asked);
      const has = await stored();
      const both = Math.min(has.length, told.length);
      assert.deepEqual(
        has.slice(0, both),
        told.slice(0, both).map(({ at, total }) => ({ at, total })),
      );
      // Sequences have gaps at starts alone.
      const gaps = told.filter(({ sequence }, index) => index > 0 && told[index - 1]?.sequence !== sequence - 1);
      assert.ok(gaps.length <= kills, `${gaps.length} gaps`);
    },
  });
}

/** Waits for five more requests. */
async function moreOf(asked: readonly unknown[]): Promise<void> {
  const enough = asked.length + 5;
  await until(() => asked.length >= enough, `${enough} requests`);
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
