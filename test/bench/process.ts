import { readFileSync } from 'node:fs';

/** Unit of the times in /proc: 1 / USER_HZ, which Linux shows as 100 on every architecture that Node runs on. */
const TICK_MS = 10;

/** Memory of a process that is in RAM, bytes. */
export interface Memory {
  readonly total: number;
  /** The part of `total` that is pages of files, nearly all of them Node's executable: the kernel shares them between processes and takes them back when it needs room. */
  readonly ofFiles: number;
}

/** Processor time that all threads of a process have used since its start. proc(5), utime and stime. */
export function cpuMs(pid: number): number {
  // The second field, the name of the process, stands in brackets and may hold blanks: what follows begins with the third.
  const fields = readProc(pid, 'stat')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** What a process occupies at this moment. proc(5), VmRSS and RssFile. */
export function memoryOf(pid: number): Memory {
  const status = readProc(pid, 'status');
  const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1_024;
  return { total: bytes('VmRSS'), ofFiles: bytes('RssFile') };
}

function readProc(pid: number, file: string): string {
  return readFileSync(`/proc/${pid}/${file}`, 'latin1');
}
