import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ensure } from '../control-plane/ensure.ts';
import { startControlPlane } from '../control-plane/start.ts';
import { buildInto } from '../support/build.ts';
import { median } from '../support/median.ts';
import type { Line } from './line.ts';

const ROUNDS = 40;
const PAIRS = 50;
/** The most that telemetry may add to a command, in milliseconds. */
const MOST_ADDED_MS = 5;
const POLL_MS = 20;

/** Each with the most that it may take, in times `node -e 0`. */
const COMMANDS = [
  { line: 'version', ratio: 1.3 },
  { line: 'analytics status', ratio: 1.7 },
  { line: 'analytics status -o json', ratio: 1.7 },
  { line: 'cluster install --help', ratio: 1.7 },
  { line: 'completion bash', ratio: 1.7 },
] as const;

interface Bench {
  readonly program: string;
  readonly home: string;
  readonly quick: boolean;
}

/** How long `kusk` takes as a process, from its start to its end. */
export async function cli(quick: boolean): Promise<readonly Line[]> {
  const folder = await mkdtemp(join(tmpdir(), 'kusk-bench-cli-'));
  try {
    const program = await buildInto(folder, { name: 'kusk' });
    const bench = { program, home: join(folder, 'home'), quick };
    await mkdir(bench.home);
    return [...(await starts(bench)), await telemetry(bench), await check(bench)];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function starts({ program, home, quick }: Bench): Promise<readonly Line[]> {
  const lines = COMMANDS.map(({ line }) => [program, ...line.split(' ')]);
  const env = { PATH: process.env.PATH, HOME: home, ANALYTICS_ENABLED: 'false' };
  const runs = [['-e', '0'], ...lines].map((args) => () => duration(process.execPath, args, env));
  const [bare = Number.NaN, ...times] = await fastest(runs, quick ? 5 : ROUNDS);
  return COMMANDS.map(({ line, ratio }, index) => ({
    section: 'cli',
    what: 'whole process',
    unit: 'ms',
    figure: { of: `kusk ${line}`, value: times[index] ?? Number.NaN },
    against: { of: 'node -e 0', value: bare },
    target: { ratio },
  }));
}

/** The same counted command, with telemetry on and off by turns. The endpoint refuses connections. */
async function telemetry({ program, home, quick }: Bench): Promise<Line> {
  const state = join(home, '.local/state/kusk');
  await mkdir(state, { recursive: true, mode: 0o700 });
  await writeFile(join(state, 'notice'), new Date().toISOString());
  const args = [program, 'cluster', 'install', '--export', '--analytics', 'on'];
  const variables = {
    PATH: process.env.PATH,
    HOME: home,
    ANALYTICS_ENDPOINT: 'http://127.0.0.1:9',
    ANALYTICS_WRITE_KEY: 'bench',
  };
  const off: number[] = [];
  const added: number[] = [];
  for (let pair = 0; pair < (quick ? 5 : PAIRS); pair += 1) {
    const without = await duration(process.execPath, args, {
      ...variables,
      ANALYTICS_ENABLED: 'false',
    });
    const withIt = await duration(process.execPath, args, variables);
    await untilNoneSends(home);
    off.push(without);
    added.push(withIt - without);
  }
  if ((await readdir(join(state, 'spool'))).length === 0) throw new Error('Nothing was counted.');
  const against = median(off);
  return {
    section: 'cli',
    what: 'telemetry, median of pairs',
    unit: 'ms',
    figure: { of: 'on', value: against + median(added) },
    against: { of: 'off', value: against },
    target: { value: against + MOST_ADDED_MS },
  };
}

async function check({ program, home, quick }: Bench): Promise<Line> {
  const { kubectl } = await ensure(['kubectl'], { env: process.env, log: console.error });
  const cluster = await startControlPlane({ rights: null });
  try {
    const KUBECONFIG = cluster.adminKubeconfig;
    const env = { PATH: process.env.PATH, HOME: home, ANALYTICS_ENABLED: 'false', KUBECONFIG };
    const ours = () => duration(process.execPath, [program, 'cluster', 'check', '--pre'], env);
    const theirs = () => duration(kubectl, ['version'], env);
    const [check_, version] = await fastest([ours, theirs], quick ? 3 : ROUNDS);
    return {
      section: 'cli',
      what: 'on the same API server',
      unit: 'ms',
      figure: { of: 'kusk cluster check', value: check_ ?? Number.NaN },
      against: { of: 'kubectl version', value: version ?? Number.NaN },
    };
  } finally {
    await cluster.close();
  }
}

/** Runs by turns, so that each meets the same machine, and returns the shortest time of each. */
async function fastest(
  runs: readonly (() => Promise<number>)[],
  rounds: number,
): Promise<readonly number[]> {
  const shortest = runs.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, run] of runs.entries()) {
      shortest[index] = Math.min(shortest[index] ?? Number.NaN, await run());
    }
  }
  return shortest;
}

/** Returns how long a process took from its start to its end, in milliseconds. */
async function duration(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(file, args, { env, stdio: 'ignore' });
  const [code] = await once(child, 'exit');
  const ended = performance.now() - startedAt;
  if (code !== 0) throw new Error(`${args.join(' ')} exits with ${code}`);
  return ended;
}

/** The detached process of one run would take time from the next. */
async function untilNoneSends(home: string): Promise<void> {
  while ((await sendersOf(home)).includes(true)) await setTimeout(POLL_MS);
}

async function sendersOf(home: string): Promise<readonly boolean[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return await Promise.all(
    processes.map((id) =>
      readFile(`/proc/${id}/environ`, 'utf8').then(
        (variables) => variables.split('\0').includes(`HOME=${home}`),
        () => false,
      ),
    ),
  );
}
