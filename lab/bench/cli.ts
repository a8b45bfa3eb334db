import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensure } from '../control-plane/ensure.ts';
import { startControlPlane } from '../control-plane/start.ts';
import { buildInto } from '../support/build.ts';
import { cliTelemetry } from './cli-telemetry.ts';
import { duration } from './duration.ts';
import type { Line } from './line.ts';

const ROUNDS = 40;

/** Each with the most that it may take, in times `node -e 0`. */
const COMMANDS = [
  { line: 'version', ratio: 1.3 },
  { line: 'analytics status', ratio: 1.7 },
  { line: 'analytics status -o json', ratio: 1.7 },
  { line: 'cluster install --help', ratio: 1.7 },
  { line: 'completion bash', ratio: 1.7 },
  { line: 'cluster install --export', ratio: 1.7 },
] as const;

/** Counted, and it waits for nothing. */
const WITHOUT_CLUSTER = ['cluster', 'install', '--export'];
/** Counted, and it waits for the API server. */
const WITH_CLUSTER = ['cluster', 'install', '--dry-run'];

interface Bench {
  readonly folder: string;
  readonly program: string;
  readonly home: string;
  readonly quick: boolean;
}

/** How long `kusk` takes as a process, from its start to its end. */
export async function cli(quick: boolean): Promise<readonly Line[]> {
  const folder = await mkdtemp(join(tmpdir(), 'kusk-bench-cli-'));
  try {
    const program = await buildInto(folder, { name: 'kusk' });
    const bench = { folder, program, home: join(folder, 'home'), quick };
    await mkdir(bench.home);
    const alone = await starts(bench);
    const telemetry = await cliTelemetry({ ...bench, command: WITHOUT_CLUSTER, env: {} });
    return [...alone, ...telemetry, ...(await withCluster(bench))];
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

async function withCluster(bench: Bench): Promise<readonly Line[]> {
  const { program, home, quick } = bench;
  const { kubectl } = await ensure(['kubectl'], { env: process.env, log: console.error });
  const cluster = await startControlPlane({ rights: null });
  try {
    const KUBECONFIG = cluster.adminKubeconfig;
    const env = { PATH: process.env.PATH, HOME: home, ANALYTICS_ENABLED: 'false', KUBECONFIG };
    const checked = () => duration(process.execPath, [program, 'cluster', 'check', '--pre'], env);
    const theirs = () => duration(kubectl, ['version'], env);
    const [ours, version] = await fastest([checked, theirs], quick ? 3 : ROUNDS);
    const check: Line = {
      section: 'cli',
      what: 'on the same API server',
      unit: 'ms',
      figure: { of: 'kusk cluster check', value: ours ?? Number.NaN },
      against: { of: 'kubectl version', value: version ?? Number.NaN },
    };
    const telemetry = { ...bench, command: WITH_CLUSTER, env: { KUBECONFIG } };
    return [...(await cliTelemetry(telemetry)), check];
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
