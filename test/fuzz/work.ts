import { Session } from 'node:inspector/promises';

/** Counts work instead of time: how often the statements of the codecs are run. */
export interface WorkMeter extends AsyncDisposable {
  /** Runs something and tells how many times V8 counted a function, a branch or a turn of a loop in `codecs/` meanwhile. */
  measure(work: () => void): Promise<number>;
}

/** Has V8 count. `await using` ends it. */
export async function workMeter(): Promise<WorkMeter> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const take = async (): Promise<number> => {
    const { result } = await session.post('Profiler.takePreciseCoverage');
    const ranges = result
      .filter(({ url }) => url.includes('/src/codecs/'))
      .flatMap(({ functions }) => functions.flatMap((one) => one.ranges));
    return ranges.reduce((sum, { count }) => sum + count, 0);
  };
  return {
    measure: async (work) => {
      await take();
      work();
      return take();
    },
    [Symbol.asyncDispose]: async () => {
      await session.post('Profiler.stopPreciseCoverage');
      session.disconnect();
    },
  };
}
