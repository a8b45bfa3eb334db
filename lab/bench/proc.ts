import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { median } from '../support/median.ts';

const SAMPLES = 8;
const EVERY_MS = 500;
/** `getconf CLK_TCK` on Linux. */
const TICKS_PER_SECOND = 100;

export interface Memory {
  /** The most so far, VmHWM, in MiB. */
  readonly peak: number;
  /** The median of eight samples of VmRSS over four seconds, in MiB. */
  readonly settled: number;
}

/** How much memory a process of Linux holds. */
export async function memoryOf(pid: number): Promise<Memory> {
  const samples: number[] = [];
  for (let index = 0; index < SAMPLES; index += 1) {
    await setTimeout(EVERY_MS);
    samples.push(await rssOf(pid));
  }
  return { peak: await peakOf(pid), settled: median(samples) };
}

/** The greatest RSS of a process of Linux so far, in MiB. */
export async function peakOf(pid: number): Promise<number> {
  return await statusOf(pid, 'VmHWM');
}

/** How much memory a process of Linux holds now, VmRSS, in MiB. */
export async function rssOf(pid: number): Promise<number> {
  return await statusOf(pid, 'VmRSS');
}

async function statusOf(pid: number, field: string): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
  return Number(kib) / 1024;
}

/** How many seconds of a processor a process has used, in user and system. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The program's name is in brackets and may hold blanks; user and system time are fields 14 and 15.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
