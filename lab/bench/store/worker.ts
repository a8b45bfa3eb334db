/**
 * Takes events in a process of its own, so that its memory and CPU time are its own: TARGET WHERE EVENTS CLUSTERS. Its
 * parent sends it `Task`s, and gets a `Done` for each.
 */

import { addDays } from '../../../src/collector/day.ts';
import { computeNumbers } from '../../../src/collector/numbers/numbers.ts';
import { peakOf } from '../proc.ts';
import { arrival, DAYS, FIRST_DAY } from './events.ts';
import { TARGETS } from './targets.ts';

export type Task =
  | { readonly ingest: readonly [from: number, to: number] }
  | { readonly numbers: 'all' | 'range' }
  | { readonly close: true };

/** What a task took, in milliseconds. */
export interface Done {
  readonly wall: number;
  /** Of the processor, in user and system. */
  readonly cpu: number;
  /** The greatest RSS so far, in MiB. */
  readonly peak: number;
  /** Of the disk. Only when it is closed. */
  readonly bytes?: number;
}

const [name = '', where = '', events = '', clusters = ''] = process.argv.slice(2);
const amount = { events: Number(events), clusters: Number(clusters) };
const target = await TARGETS[name]?.(where);
/** A month in the middle. */
const RANGE = {
  from: addDays(FIRST_DAY, { days: DAYS / 2 }),
  to: addDays(FIRST_DAY, { days: DAYS / 2 + 29 }),
};

async function measure(work: () => Promise<unknown>): Promise<Omit<Done, 'peak'>> {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const wall = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(before);
  return { wall, cpu: (user + system) / 1000 };
}

async function carryOut(task: Task): Promise<Omit<Done, 'peak'>> {
  if ('close' in task) {
    const bytes = await target?.close();
    return { wall: 0, cpu: 0, ...(bytes === undefined ? {} : { bytes }) };
  }
  if ('numbers' in task) {
    const range = task.numbers === 'range' ? RANGE : {};
    return await measure(
      async () => await target?.store?.read((snapshot) => computeNumbers(snapshot, range)),
    );
  }
  const [from, to] = task.ingest;
  const arrivals = Array.from({ length: to - from }, (_, index) => arrival(from + index, amount));
  return await measure(target?.prepare(arrivals) ?? (async () => {}));
}

process.on('message', async (task: Task) => {
  const done = await carryOut(task);
  process.send?.({ ...done, peak: await peakOf(process.pid) });
  if ('close' in task) process.disconnect();
});
process.send?.('ready');
