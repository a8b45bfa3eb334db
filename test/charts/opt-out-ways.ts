import { join } from 'node:path';
import type { Cluster } from './cluster.ts';
import type { Place, Upgrade } from './upgrade-ways.ts';

/** One way to write an opt-out. */
export interface OptOut {
  readonly title: string;
  /** Helm's arguments at the install, and wherever values are given each time. */
  readonly values?: readonly string[];
  /** What was there before the chart. */
  readonly before?: (place: Place, upgrade: Upgrade) => Promise<void>;
  /** By hand, after the install. */
  readonly write?: (place: Place) => Promise<void>;
  /** Ways to upgrade that nobody can keep it through; docs/adr/0011 says why. */
  readonly lostBy?: readonly string[];
  /** It stands for the others where a sample will do. */
  readonly isSample?: boolean;
}

/** A chart with nothing but the ConfigMap of a release of Kusk Gateway 1.x that was off. */
const GATEWAY = join(import.meta.dirname, 'fixtures/gateway-switches');
const MANAGER = 'kusk-gateway-manager';

/** A merge patch, under the name that `kubectl edit` has among field managers. */
function edited(data: object): (place: Place) => Promise<void> {
  return async ({ cluster, namespace }) => {
    const patch = JSON.stringify({ data });
    await kubectl(cluster, namespace, [
      ...['patch', 'configmap', MANAGER, '--type=merge', `--patch=${patch}`],
      '--field-manager=kubectl-edit',
    ]);
  };
}

function applied(...args: readonly string[]): (place: Place) => Promise<void> {
  return async ({ cluster, namespace }) => {
    const metadata = { name: MANAGER };
    const data = { ANALYTICS_ENABLED: 'False' };
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
    await kubectl(cluster, namespace, ['apply', ...args, '-f', '-'], input);
  };
}

async function kubectl(
  { cp }: Cluster,
  namespace: string,
  args: readonly string[],
  input = '',
): Promise<void> {
  await cp.kubectl([...args, '--namespace', namespace], { input });
}

export const OPT_OUTS: readonly OptOut[] = [
  {
    title: 'in ConfigMap kusk-gateway-opt-out',
    write: ({ cluster, namespace }) =>
      kubectl(cluster, namespace, [
        ...['create', 'configmap', 'kusk-gateway-opt-out', '--from-literal=enabled=false'],
      ]),
  },
  {
    title: 'by editing ANALYTICS_ENABLED in kusk-gateway-manager',
    isSample: true,
    write: edited({ ANALYTICS_ENABLED: 'off' }),
    lostBy: ['kubectl replace'],
  },
  {
    title: 'by editing config.yaml in kusk-gateway-manager',
    isSample: true,
    write: edited({ 'config.yaml': 'analytics:\n  enabled: no\n' }),
    lostBy: ['kubectl replace'],
  },
  {
    title: 'by kubectl apply of kusk-gateway-manager',
    write: applied(),
    lostBy: ['kubectl replace', '| kubectl apply'],
  },
  {
    title: 'by kubectl apply --server-side of kusk-gateway-manager',
    write: applied('--server-side', '--force-conflicts', '--field-manager=a-person'),
    lostBy: ['kubectl replace'],
  },
  {
    title: 'that Kusk Gateway 1.x has left',
    async before({ cluster, namespace }, { helm: version }) {
      if (version === undefined) {
        const literal = '--from-literal=ANALYTICS_ENABLED=false';
        return await kubectl(cluster, namespace, ['create', 'configmap', MANAGER, literal]);
      }
      const helm = await cluster.helm(version);
      await helm.run(['install', 'kusk-gateway', GATEWAY, '--namespace', namespace]);
    },
    lostBy: ['kubectl replace'],
  },
  {
    title: 'by analytics.enabled',
    isSample: true,
    values: ['--set', 'analytics.enabled=false'],
  },
  {
    title: 'by ANALYTICS_ENABLED in manager.env',
    values: [
      ...['--set', 'manager.env[0].name=ANALYTICS_ENABLED'],
      ...['--set', 'manager.env[0].value=off'],
    ],
  },
  {
    title: 'by ANALYTICS_ENABLED in manager.envFrom',
    values: ['--set', 'manager.envFrom[0].configMapRef.name=switches'],
    before: ({ cluster, namespace }) =>
      kubectl(cluster, namespace, [
        ...['create', 'configmap', 'switches', '--from-literal=ANALYTICS_ENABLED=false'],
      ]),
    // Nobody names the ConfigMap any more.
    lostBy: ['--reset-values', 'replicaCount=2'],
  },
];
