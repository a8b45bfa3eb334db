import { setTimeout } from 'node:timers/promises';
import { ensure } from '../control-plane/ensure.ts';
import { buildInto } from '../support/build.ts';
import { type KuskDashboard, startDashboard } from '../support/kusk-dashboard.ts';
import { median } from '../support/median.ts';
import { dashboardChurn } from './dashboard-churn.ts';
import { duration } from './duration.ts';
import type { Line } from './line.ts';
import { type Memory, memoryOf } from './proc.ts';
import { names, type Stage } from './stage.ts';

const BYTES = 2_000;
const RUNS = 3;
const POLL_MS = 100;
const SETTLE_MS = 3_000;
/** Until the page has every resource, in milliseconds. */
const PATIENCE_MS = 120_000;
/** How long a page may take while the resources are loading, in milliseconds. */
const PAGE_MS = 1_000;

/** The page of a cluster with many APIs: its time, its size, and what the process holds. */
export async function dashboard(stage: Stage, quick: boolean): Promise<readonly Line[]> {
  const count = quick ? 1_000 : 10_000;
  const program = await buildInto(stage.folder, { name: 'kusk' });
  const env = environment(stage);
  const { kubectl } = await ensure(['kubectl'], { env: process.env, log: console.error });
  const empty = await measure(program, { env, count: 0 });
  const churn = await dashboardChurn(stage, { program, env, quick });
  await stage.fill(names('page', 0, count), BYTES);
  const full = await measure(program, { env, count });
  const theirs: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    theirs.push(await duration(kubectl, ['get', 'apis', '--all-namespaces'], env));
  }
  const what = `${count} APIs of 2 KB`;
  const of = 'kusk dashboard';
  const target = { value: PAGE_MS };
  return [
    {
      ...line(`first byte of the list, asked for while ${what} load`, 'ms', [
        { of, value: full.firstByteMs },
        { of: `${of}, empty`, value: empty.firstByteMs },
      ]),
      target,
    },
    {
      ...line(`slowest whole list while ${what} load`, 'ms', [
        { of, value: full.slowestMs },
        { of: `${of}, empty`, value: empty.slowestMs },
      ]),
      target,
    },
    line(`exec to the list of ${what}`, 'ms', [
      { of, value: full.ms },
      { of: 'kubectl get apis', value: median(theirs) },
    ]),
    line(`settled, ${what}`, 'MiB', [
      { of, value: full.memory.settled },
      { of: "client-go's informer of full objects", value: await settledClientGo(stage) },
    ]),
    line(`settled, ${what}`, 'MiB', [
      { of, value: full.memory.settled },
      { of: `${of}, empty`, value: empty.memory.settled },
    ]),
    line(`the list as HTML, ${what}`, 'KiB', [
      { of, value: full.bytes / 1_024 },
      { of: `${of}, empty`, value: empty.bytes / 1_024 },
    ]),
    churn,
  ];
}

function line(what: string, unit: Line['unit'], [figure, against]: Pair): Line {
  return { section: 'dashboard', what, unit, figure, against };
}

type Pair = readonly [Line['figure'], Line['figure']];

/** Telemetry is off, so that no other process runs. */
function environment({ lab, folder }: Stage) {
  return { HOME: folder, KUBECONFIG: lab.cp.adminKubeconfig, ANALYTICS_ENABLED: 'false' };
}

interface Measured extends Pages {
  /** From exec until a page has all resources, in milliseconds. */
  readonly ms: number;
  readonly memory: Memory;
}

interface Pages {
  /** From the first request of a page, sent as soon as the address is printed, to its first byte. */
  readonly firstByteMs: number;
  /** The longest from a request of a page to its last byte. */
  readonly slowestMs: number;
  /** The size of the page that has all resources. */
  readonly bytes: number;
}

interface MeasureOptions {
  readonly env: Readonly<Record<string, string>>;
  /** How many resources there are. */
  readonly count: number;
}

/** Returns the median of each figure. */
async function measure(program: string, options: MeasureOptions): Promise<Measured> {
  const runs: Measured[] = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await measureOnce(program, options));
  const of = (figure: (one: Measured) => number) => median(runs.map(figure));
  return {
    ms: of(({ ms }) => ms),
    firstByteMs: of(({ firstByteMs }) => firstByteMs),
    slowestMs: of(({ slowestMs }) => slowestMs),
    bytes: of(({ bytes }) => bytes),
    memory: { peak: of(({ memory }) => memory.peak), settled: of(({ memory }) => memory.settled) },
  };
}

async function measureOnce(program: string, { env, count }: MeasureOptions): Promise<Measured> {
  const startedAt = performance.now();
  const shown = await startDashboard({ program, env });
  try {
    const pages = await pagesUntilComplete(shown, count);
    const ms = performance.now() - startedAt;
    await setTimeout(SETTLE_MS);
    return { ...pages, ms, memory: await memoryOf(shown.pid) };
  } finally {
    await shown.stop('SIGTERM');
  }
}

/** Fetches the list of resources again and again until it has all of them. */
async function pagesUntilComplete({ get }: KuskDashboard, count: number): Promise<Pages> {
  const end = performance.now() + PATIENCE_MS;
  let first: number | undefined;
  let slowestMs = 0;
  while (performance.now() < end) {
    const askedAt = performance.now();
    // Over a connection of its own, which the server cannot have closed in the meantime.
    const response = await get('/resources', { connection: 'close' });
    first ??= performance.now() - askedAt;
    const page = await response.text();
    slowestMs = Math.max(slowestMs, performance.now() - askedAt);
    if (page.includes(`API ${count.toLocaleString('en')}<`)) {
      return { firstByteMs: first, slowestMs, bytes: page.length };
    }
    await setTimeout(POLL_MS);
  }
  throw new Error(`the page did not have ${count} resources`);
}

async function settledClientGo(stage: Stage): Promise<number> {
  await using child = stage.clientGo('full');
  await child.ready;
  await setTimeout(SETTLE_MS);
  const { settled } = await memoryOf(child.pid);
  return settled;
}
