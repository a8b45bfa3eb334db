import type { Cluster } from './cluster.ts';
import { CHART, type HelmVersion } from './helm.ts';
import { template } from './rendered.ts';

/** Where a cell of the table is tried. */
export interface Place {
  readonly cluster: Cluster;
  readonly namespace: string;
}

/** One way to upgrade, and the way to install that goes with it. Values are Helm's arguments. */
export interface Upgrade {
  readonly title: string;
  /** By which Helm the release is made; none where kubectl applies what Helm renders. */
  readonly helm?: HelmVersion;
  /** So much like the others that a few ways to write an opt-out will do. */
  readonly isSample?: boolean;
  readonly install: (place: Place, values: readonly string[]) => Promise<void>;
  readonly run: (place: Place, values: readonly string[]) => Promise<void>;
}

const RELEASE = 'kusk-gateway';
/** CRDs are the cluster's, and a cell has no more than a namespace. Rights have nothing to do with it. */
const LEAST = ['--set', 'crds.install=false', '--set', 'rbac.create=false'];

function byHelm(from: HelmVersion, by: HelmVersion, ...args: readonly string[]): Upgrade {
  const helm = from === by ? by : `${by} of a release of ${from}`;
  return {
    title: `${helm} upgrade ${args.join(' ')}`.trim(),
    helm: from,
    async install({ cluster, namespace }, values) {
      const former = await cluster.helm(from);
      const release = ['upgrade', '--install', RELEASE, CHART, '--namespace', namespace];
      await former.run([...release, ...LEAST, ...values]);
    },
    async run({ cluster, namespace }) {
      const helmOf = await cluster.helm(by);
      await helmOf.run(['upgrade', RELEASE, CHART, '--namespace', namespace, ...args]);
    },
  };
}

function byKubectl(title: string, ...args: readonly string[]): Upgrade {
  async function apply(verb: readonly string[], { cluster, namespace }: Place, values: Values) {
    const helm = await cluster.helm('helm');
    const set = [...LEAST, ...values].filter((arg) => arg !== '--set');
    const input = await template(helm, { namespace, set });
    await cluster.cp.kubectl([...verb, '--namespace', namespace, '-f', '-'], { input });
  }
  return {
    title,
    install: (place, values) => apply(['apply'], place, values),
    run: (place, values) => apply(args, place, values),
  };
}

type Values = readonly string[];

const BOTH = (['helm3', 'helm'] as const).flatMap((version) => [
  ...[
    byHelm(version, version),
    byHelm(version, version, '--reuse-values'),
    byHelm(version, version, '--reset-then-reuse-values'),
    byHelm(version, version, '--reset-values', ...LEAST),
  ].map((upgrade) => ({ ...upgrade, isSample: true })),
  byHelm(version, version, ...LEAST, '--set', 'replicaCount=2'),
]);

export const UPGRADES: readonly Upgrade[] = [
  ...BOTH,
  byHelm('helm3', 'helm3', '--force'),
  byHelm('helm3', 'helm'),
  byHelm('helm', 'helm', '--force-replace', '--server-side=false'),
  byHelm('helm', 'helm', '--server-side=true', '--force-conflicts'),
  { ...byHelm('helm', 'helm', '--server-side=false'), isSample: true },
  byKubectl('helm template | kubectl apply', 'apply'),
  byKubectl(
    'helm template | kubectl apply --server-side --force-conflicts',
    ...['apply', '--server-side', '--force-conflicts'],
  ),
  byKubectl('helm template | kubectl replace', 'replace'),
];
