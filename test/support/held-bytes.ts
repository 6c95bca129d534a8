import { getHeapCodeStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What this process holds after a collection, its buffers included; without compiled code, which grows for as long as anything happens for the first time. */
export function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  // What one collection finds dead may keep other things alive until the next.
  for (let pass = 0; pass < 3; pass++) collectGarbage();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  const { code_and_metadata_size: code, bytecode_and_metadata_size: bytecode } = getHeapCodeStatistics();
  return arrayBuffers + heapUsed - code - bytecode;
}
