import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom } from '../../src/simulators/random.js';
import { skipWithoutInfluxdb, startInfluxdb } from '../support/influxdb.js';
import { startProgram } from '../support/program.js';
import { startWebServer } from '../support/web-server.js';

const KILLS = 4;

/** Waits for five more requests. @throws when they do not come in a minute */
async function moreOf(asked: readonly unknown[]): Promise<void> {
  const enough = asked.length + 5;
  for (let tries = 0; asked.length < enough; tries++) {
    assert.ok(tries < 1_200, `${asked.length} of ${enough} requests`);
    await sleep(50);
  }
}

test(
  'a program that is killed at random moments loses nothing: a database and a web server have the same readings, each once',
  { skip: skipWithoutInfluxdb },
  async (t) => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    t.diagnostic(`seed ${seed}`);
    const random = randomFrom(seed);
    await using influxdb = await startInfluxdb();
    await using server = await startWebServer(() => ({ status: 204 }));
    const settings = `device.id = "house"
[client]
type = "dummy"
interval = "100ms"
[sinks.influxdb]
version = 1
url = "${influxdb.url}"
database = "house"
batch_interval = "150ms"
[sinks.http]
url = "${server.url}"
template = '{"at":"{ms}","sequence":"{sequence}","total":"{energy/imported-total}"}'
`;
    let program = await startProgram({ args: ['run', 'dummy'], settings: { 'dummy.toml': settings } });
    await using first = program;
    for (let kill = 0; kill < KILLS; kill++) {
      await moreOf(server.asked);
      await sleep(random() * 300);
      await program.end('SIGKILL');
      program = await first.again();
    }
    await moreOf(server.asked);
    assert.equal((await program.end('SIGTERM')).code, 0);

    // The server knows by their keys which readings it has already.
    const byKey = new Map<string, string>();
    for (const { headers, body } of server.asked) {
      const key = headers['idempotency-key'] ?? '';
      assert.equal(byKey.get(key) ?? body.toString(), body.toString());
      byKey.set(key, body.toString());
    }
    const readings = [...byKey.values()].map((text) => JSON.parse(text) as { at: number; sequence: number; total: number });
    const rows = await influxdb.query('SELECT imported_total FROM energy', 'house');
    assert.deepEqual(
      rows,
      readings.map(({ at, total }) => ({ time: at, imported_total: total })),
    );
    // Sequences have gaps at starts alone.
    const gaps = readings.filter(({ sequence }, index) => index > 0 && readings[index - 1]?.sequence !== sequence - 1);
    assert.ok(gaps.length <= KILLS, `${gaps.length} gaps`);
  },
);
