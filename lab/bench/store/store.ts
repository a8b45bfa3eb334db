import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startClickHouse } from '../../clickhouse/start.ts';
import { median } from '../../support/median.ts';
import type { Line } from '../line.ts';
import type { Done, Task } from './worker.ts';

const WORKER = join(import.meta.dirname, 'worker.ts');
const CLUSTERS = 100_000;
/** The collector and the bare insert take so many events by turns. */
const SLICE = 100_000;
const READS = 5;
/** Half of those that SQLite counts together, so that they are not counted yet when the numbers are read. */
const UNCOUNTED = 10_000;
/** Of a bare insert, in events per second. */
const LEAST_RATIO = 0.7;

interface StoreOptions {
  readonly log: (line: string) => void;
}

/** Ingest of the collector's stores against bare inserts of the same rows, and the time of the seven numbers. */
export async function store(
  { sqlite, clickhouse }: { readonly sqlite: number; readonly clickhouse: number },
  { log }: StoreOptions,
): Promise<readonly Line[]> {
  const folder = await mkdtemp(join(tmpdir(), 'kusk-bench-store-'));
  try {
    const lines =
      sqlite === 0
        ? []
        : await compare('SQLite', { ours: folder, bare: folder, events: sqlite, log });
    if (clickhouse === 0) return lines;
    await using server = await startClickHouse();
    const address = () => {
      const { url, user, database } = server.database();
      return `clickhouse://${user}@${new URL(url).host}/${database}`;
    };
    const options = { ours: address(), bare: address(), events: clickhouse, log };
    return [...lines, ...(await compare('ClickHouse', options))];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface CompareOptions extends StoreOptions {
  /** Where the collector's store is, and the bare one. */
  readonly ours: string;
  readonly bare: string;
  readonly events: number;
}

async function compare(
  engine: 'SQLite' | 'ClickHouse',
  { ours, bare, events, log }: CompareOptions,
): Promise<readonly Line[]> {
  const name = engine.toLowerCase();
  await using collector = await startWorker([name, ours, String(events), String(CLUSTERS)]);
  await using insert = await startWorker([`bare-${name}`, bare, String(events), String(CLUSTERS)]);
  const sums = new Map([collector, insert].map((worker) => [worker, { wall: 0, cpu: 0, peak: 0 }]));
  for (let from = 0; from < events; from += SLICE) {
    const task = { ingest: [from, Math.min(from + SLICE, events)] } as const;
    const isEven = (from / SLICE) % 2 === 0;
    // One at a time, and each is the first of every other pair.
    for (const worker of isEven ? [collector, insert] : [insert, collector]) {
      const { wall, cpu, peak } = await worker.run(task);
      const sum = sums.get(worker) ?? { wall: 0, cpu: 0, peak: 0 };
      sums.set(worker, { wall: sum.wall + wall, cpu: sum.cpu + cpu, peak });
    }
    log(`${engine}: ${task.ingest[1]} of ${events} ${progressOf([...sums.values()])}`);
  }
  let stored = events;
  async function ingest(more: number): Promise<void> {
    await collector.run({ ingest: [stored, stored + more] });
    stored += more;
  }
  /** After one more event before each. */
  async function medianOf(task: Task): Promise<number> {
    const times: number[] = [];
    for (let index = 0; index < READS; index += 1) {
      await ingest(1);
      times.push((await collector.run(task)).wall);
    }
    return median(times);
  }
  await ingest(UNCOUNTED);
  const first = await collector.run({ numbers: 'all' });
  const again = await medianOf({ numbers: 'all' });
  const range = await medianOf({ numbers: 'range' });
  const [closed, closedBare] = [
    await collector.run({ close: true }),
    await insert.run({ close: true }),
  ];
  const [of, against] = [sums.get(collector), sums.get(insert)];
  const perSecond = (ms = Number.NaN) => (events / ms) * 1000;
  const line = (
    what: string,
    unit: Line['unit'],
    [one = Number.NaN, other = Number.NaN]: readonly (number | undefined)[],
  ): Line => ({
    section: 'store',
    what: `${what}, ${events} events in ${engine}`,
    unit,
    figure: { of: 'collector', value: one },
    against: { of: 'bare insert', value: other },
  });
  const target = { leastRatio: LEAST_RATIO };
  return [
    { ...line('ingest', 'events/s', [perSecond(of?.wall), perSecond(against?.wall)]), target },
    {
      ...line('ingest by CPU time', 'events/s', [perSecond(of?.cpu), perSecond(against?.cpu)]),
      target,
    },
    line('disk for an event', 'bytes', [
      (closed.bytes ?? 0) / stored,
      (closedBare.bytes ?? 0) / events,
    ]),
    line('memory, peak', 'MiB', [of?.peak, against?.peak]),
    {
      ...line('the seven numbers of all time', 'ms', [again, first.wall]),
      against: { of: 'first time', value: first.wall },
    },
    {
      ...line('the seven numbers of 30 days', 'ms', [range, first.wall]),
      against: { of: 'all time, first', value: first.wall },
    },
  ];
}

function progressOf(sums: readonly { readonly wall: number; readonly cpu: number }[]): string {
  const [of, against] = sums;
  if (of === undefined || against === undefined) return '';
  return `(ratio ${(against.wall / of.wall).toFixed(2)}, of CPU time ${(against.cpu / of.cpu).toFixed(2)})`;
}

interface Worker extends AsyncDisposable {
  readonly run: (task: Task) => Promise<Done>;
}

async function startWorker(args: readonly string[]): Promise<Worker> {
  // What `npm run` loads first would let it end while it waits for a task.
  const child = fork(WORKER, args, { execArgv: ['--disable-warning=ExperimentalWarning'] });
  const ended = once(child, 'exit');
  const failed = ended.then(() => Promise.reject(new Error(`${WORKER} has ended.`)));
  failed.catch(() => {});

  async function nextMessage(): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    child.once('message', resolve);
    return await Promise.race([promise, failed]);
  }

  await nextMessage();
  return {
    async run(task) {
      const done = nextMessage();
      child.send(task);
      return (await done) as Done;
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}
