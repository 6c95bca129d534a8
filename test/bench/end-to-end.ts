import { setTimeout as sleep } from 'node:timers/promises';
import { median, percentile, print, type Figure } from './figure.js';
import { cpuMs, memoryOf } from './process.js';
import { withT210, type Rig } from './t210-rig.js';

const WARM_UP_TRIPS = 1_000;
const PACED_TRIPS = 300;
const PACE_MS = 100;
const TELEGRAMS = 10_000;
const MIB = 2 ** 20;

/** From the meter's line to a subscriber: once with a broker that sends at once, once with one that nobody configured. */
export async function latency(): Promise<Figure[]> {
  const atOnce = await withT210({ noDelay: true, warmUpTrips: WARM_UP_TRIPS }, pacedTrips);
  const asInstalled = await withT210({ noDelay: false, warmUpTrips: WARM_UP_TRIPS }, pacedTrips);
  return [
    {
      what: 'last byte on the line → last value at a subscriber (QoS 1), Mosquitto with `set_tcp_nodelay true`',
      measured: spread(atOnce.milliseconds),
      aim: 'p99 ≤ 5 ms',
    },
    { what: '… Mosquitto as installed (`set_tcp_nodelay false`)', measured: spread(asInstalled.milliseconds) },
    {
      what: `processor time per telegram, end to end, one every ${PACE_MS} ms`,
      measured: `${print(atOnce.cpuMs, 2)} ms`,
      aim: '≤ 1 ms',
    },
  ];
}

/** What telegrams cost that follow each other as fast as they come through, and the memory that is occupied after them. */
export async function throughput(): Promise<Figure[]> {
  // No warm-up: every telegram counts.
  return withT210({ warmUpTrips: 0 }, async ({ pid, trip }) => {
    const before = cpuMs(pid);
    for (let trips = 0; trips < TELEGRAMS; trips++) await trip();
    const perTelegram = (cpuMs(pid) - before) / TELEGRAMS;
    const { total, ofFiles } = memoryOf(pid);
    return [
      { what: '… one after the other', measured: `${print(perTelegram, 2)} ms` },
      {
        what: `resident memory after ${print(TELEGRAMS)} telegrams`,
        measured: `${print(total / MIB)} MiB, ${print(ofFiles / MIB)} of them pages of Node's executable and libraries`,
        aim: '≤ 64 MiB',
      },
    ];
  });
}

async function pacedTrips({ pid, trip }: Rig): Promise<{ readonly milliseconds: readonly number[]; readonly cpuMs: number }> {
  const milliseconds: number[] = [];
  const before = cpuMs(pid);
  while (milliseconds.length < PACED_TRIPS) {
    await sleep(PACE_MS);
    milliseconds.push(await trip());
  }
  return { milliseconds, cpuMs: (cpuMs(pid) - before) / PACED_TRIPS };
}

function spread(milliseconds: readonly number[]): string {
  return `p50 ${print(median(milliseconds), 1)} ms, p99 ${print(percentile(milliseconds, 0.99), 1)} ms`;
}
