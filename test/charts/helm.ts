import { join } from 'node:path';
import { ensure } from '../../lab/control-plane/ensure.ts';
import { chartOf } from '../../lab/support/programs.ts';
import { runToEnd } from '../../lab/support/run.ts';

export const CHART = chartOf('kusk-gateway');
export const COLLECTOR_CHART = chartOf('kusk-collector');

/** Each Helm is a process of its own: more at a time would only take the processor from other tests. */
export const FEW = { atOnce: 4 };

/** The chart has to do with both. */
export const VERSIONS = ['helm', 'helm3'] as const;
export type HelmVersion = (typeof VERSIONS)[number];

export interface HelmCall {
  /** Written to its standard input, for `-f -`. */
  readonly input?: string;
}

export interface HelmOutcome {
  readonly code: number | null;
  readonly out: string;
  readonly problem: string;
}

/**
 * Reading the API server's schema is more than half of what a Helm run costs. Most suites are about
 * what the chart does, and leave that check to the server and to those that ask for it.
 */
const UNVALIDATED = '--disable-openapi-validation';
const APPLYING = ['install', 'upgrade'];

/** A real Helm. It validates manifests by the API server's schema only if `validates` is set. */
export interface Helm {
  /** Runs it to its end, whatever that is. */
  readonly attempt: (args: readonly string[], call?: HelmCall) => Promise<HelmOutcome>;
  /** Resolves with its output. Rejects with what it wrote to stderr. */
  readonly run: (args: readonly string[], call?: HelmCall) => Promise<string>;
}

/** Helm against a cluster, or against none. It keeps its files in a folder that goes with the cluster's. */
export async function helmOf(
  version: HelmVersion,
  {
    kubeconfig = '/dev/null',
    folder = '/nonexistent',
    validates = false,
    /** Where it keeps its revisions. */
    driver = 'secret',
  } = {},
): Promise<Helm> {
  const file = (await ensure([version], { env: process.env, log: console.log }))[version];
  const env = {
    PATH: process.env.PATH,
    KUBECONFIG: kubeconfig,
    // Without a home it would keep what it discovers of the cluster below the checkout.
    HOME: folder,
    HELM_DRIVER: driver,
    HELM_CACHE_HOME: join(folder, 'cache'),
    HELM_CONFIG_HOME: join(folder, 'config'),
    HELM_DATA_HOME: join(folder, 'data'),
    // It ends before it has to collect garbage, which takes a fifth of its processor time.
    GOGC: 'off',
    GOMEMLIMIT: '1GiB',
  };

  function attempt(args: readonly string[], { input = '' }: HelmCall = {}) {
    const applies = APPLYING.includes(args[0] ?? '');
    const all = applies && !validates ? [...args, UNVALIDATED] : args;
    return runToEnd(file, all, { env, input });
  }

  return {
    attempt,
    async run(args, call) {
      const { code, out, problem } = await attempt(args, call);
      if (code !== 0) throw new Error(`helm ${args.join(' ')}: ${problem.trim()}`);
      return out;
    },
  };
}

/** `['--set', 'a=1', '--set', 'b=2']`. */
export function setting(values: readonly string[]): readonly string[] {
  return values.flatMap((value) => ['--set', value]);
}
