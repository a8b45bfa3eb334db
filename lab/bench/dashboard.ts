import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { ensure } from '../control-plane/ensure.ts';
import { buildInto } from '../support/build.ts';
import { median } from '../support/median.ts';
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

/** The page of a cluster with many APIs: its time, its size, and what the process holds. */
export async function dashboard(stage: Stage, quick: boolean): Promise<readonly Line[]> {
  const count = quick ? 1_000 : 10_000;
  const program = await buildInto(stage.folder, { name: 'kusk' });
  const env = environment(stage);
  const { kubectl } = await ensure(['kubectl'], { env: process.env, log: console.error });
  const empty = await measure(program, { env, count: 0 });
  await stage.fill(names('page', 0, count), BYTES);
  const full = await measure(program, { env, count });
  const theirs: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    theirs.push(await duration(kubectl, ['get', 'apis', '--all-namespaces'], env));
  }
  const what = `${count} APIs of 2 KB`;
  const of = 'kusk dashboard';
  return [
    line(`exec to the page of ${what}`, 'ms', [
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
  ];
}

function line(what: string, unit: Line['unit'], [figure, against]: Pair): Line {
  return { section: 'dashboard', what, unit, figure, against };
}

type Pair = readonly [Line['figure'], Line['figure']];

/** Telemetry is off, so that no other process runs. */
function environment({ lab, folder }: Stage): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: folder,
    KUBECONFIG: lab.cp.adminKubeconfig,
    ANALYTICS_ENABLED: 'false',
  };
}

interface Measured {
  /** From exec until the page has all resources, in milliseconds. */
  readonly ms: number;
  /** The size of that page. */
  readonly bytes: number;
  readonly memory: Memory;
}

interface MeasureOptions {
  readonly env: NodeJS.ProcessEnv;
  /** How many resources there are. */
  readonly count: number;
}

async function measure(program: string, options: MeasureOptions): Promise<Measured> {
  const runs: Measured[] = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await measureOnce(program, options));
  const [first] = runs.toSorted((one, other) => one.ms - other.ms).slice(Math.floor(RUNS / 2));
  if (first === undefined) throw new Error('there was no run');
  return first;
}

async function measureOnce(program: string, { env, count }: MeasureOptions): Promise<Measured> {
  const startedAt = performance.now();
  const args = [program, 'dashboard', '--no-open', '--port', '0'];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [address] = await once(createInterface({ input: child.stdout }), 'line');
    const page = await wholePage(String(address), count);
    const ms = performance.now() - startedAt;
    await setTimeout(SETTLE_MS);
    return { ms, bytes: page.length, memory: await memoryOf(child.pid ?? 0) };
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}

/** Fetches the list of resources until it has all of them. */
async function wholePage(addressWithToken: string, count: number): Promise<string> {
  const entered = await fetch(addressWithToken, { redirect: 'manual' });
  const cookie = entered.headers.getSetCookie().join('; ').split(';')[0] ?? '';
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    const page = await fetchPage(new URL('/resources', addressWithToken), cookie);
    if (page.includes(`API ${count.toLocaleString('en')}<`)) return page;
    await setTimeout(POLL_MS);
  }
  throw new Error(`the page did not have ${count} resources`);
}

/** Each over a connection of its own, which the server cannot have closed in the meantime. */
async function fetchPage(address: URL, cookie: string): Promise<string> {
  const response = await fetch(address, { headers: { cookie, connection: 'close' } });
  return await response.text();
}

async function settledClientGo(stage: Stage): Promise<number> {
  await using child = stage.clientGo('full');
  await child.ready;
  await setTimeout(SETTLE_MS);
  const { settled } = await memoryOf(child.pid);
  return settled;
}
