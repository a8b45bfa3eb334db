import { join } from 'node:path';
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
    const path = `/api/v1/namespaces/${namespace}/configmaps/${MANAGER}`;
    await cluster.client.must('PATCH', `${path}?fieldManager=kubectl-edit`, { data });
  };
}

function applied(...args: readonly string[]): (place: Place) => Promise<void> {
  return async ({ cluster, namespace }) => {
    const metadata = { name: MANAGER };
    const data = { ANALYTICS_ENABLED: 'False' };
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
    await cluster.cp.kubectl(['apply', ...args, '--namespace', namespace, '-f', '-'], { input });
  };
}

/** Creates a ConfigMap, as `kubectl create` does. */
async function created({ cluster, namespace }: Place, name: string, data: object): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/configmaps?fieldManager=kubectl-create`;
  await cluster.client.must('POST', path, { metadata: { name }, data });
}

export const OPT_OUTS: readonly OptOut[] = [
  {
    title: 'in ConfigMap kusk-gateway-opt-out',
    write: (place) => created(place, 'kusk-gateway-opt-out', { enabled: 'false' }),
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
    async before(place, { helm: version }) {
      const { cluster, namespace } = place;
      if (version === undefined) {
        return await created(place, MANAGER, { ANALYTICS_ENABLED: 'false' });
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
    before: (place) => created(place, 'switches', { ANALYTICS_ENABLED: 'false' }),
    // Nobody names the ConfigMap any more.
    lostBy: ['--reset-values', 'replicaCount=2'],
  },
];
