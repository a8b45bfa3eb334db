import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ControlPlane, startControlPlane } from '../../lab/control-plane/start.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { type KubeObject, kubeClient } from '../../lab/support/kube-client.ts';
import { type PodReport, reportPods } from '../../lab/support/pod-status.ts';
import { runToEnd } from '../../lab/support/run.ts';
import { bundledKusk } from './installed-kusk.ts';

/** A cluster with nothing of ours in it, and `kusk`. */
export type KuskLab = Awaited<ReturnType<typeof startKuskLab>>;

export interface Call {
  readonly env?: Readonly<Record<string, string>>;
  readonly kubeconfig?: string;
}

const NAMESPACED = [
  'api/v1/configmaps',
  'api/v1/secrets',
  'api/v1/services',
  'api/v1/serviceaccounts',
  'apis/rbac.authorization.k8s.io/v1/roles',
  'apis/rbac.authorization.k8s.io/v1/rolebindings',
  'apis/coordination.k8s.io/v1/leases',
  'apis/apps/v1/deployments',
];
const OF_THE_CLUSTER = [
  'apis/rbac.authorization.k8s.io/v1/clusterroles',
  'apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
];
const CRDS = 'apis/apiextensions.k8s.io/v1/customresourcedefinitions';
/** Kubernetes creates them in each namespace. */
const KUBERNETES_OWN = ['kube-root-ca.crt', 'default'];

interface Deployment extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly generation: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly conditions?: readonly { readonly type: string; readonly reason: string }[];
  };
}

function inNamespace(path: string, namespace: string): string {
  const at = path.lastIndexOf('/');
  return `${path.slice(0, at)}/namespaces/${namespace}${path.slice(at)}`;
}

/** Returns which names of a list are part of an installation. */
function belongsTo(namespace: string, path: string): (name: string) => boolean {
  if (path === CRDS) return (name) => name.endsWith('.gateway.kusk.io');
  if (OF_THE_CLUSTER.includes(path)) return (name) => name.startsWith(`${namespace}:`);
  return () => true;
}

/** Returns a function that runs `kusk` against a cluster, with a home folder of its own. */
export async function builtKusk(cp: Pick<ControlPlane, 'folder' | 'adminKubeconfig'>) {
  const program = await bundledKusk({ into: join(cp.folder, 'kusk'), writeKey: '' });

  async function kusk(args: string, { env = {}, kubeconfig = cp.adminKubeconfig }: Call = {}) {
    const variables = { PATH: process.env.PATH, HOME: cp.folder, KUBECONFIG: kubeconfig, ...env };
    const ran = await runToEnd(process.execPath, [program, ...args.split(' ')], { env: variables });
    return { code: ran.code, out: ran.out, err: ran.problem };
  }

  return { program, kusk };
}

export async function startKuskLab() {
  const cp = await startControlPlane({ rights: null });
  const client = kubeClient(cp);
  const { program, kusk } = await builtKusk(cp);
  const reports = new Map<string, PodReport>();

  /** Returns the objects at a path such as `api/v1/namespaces/NAME/pods`, without those of Kubernetes itself. */
  async function list(path: string): Promise<readonly KubeObject[]> {
    const { items = [] } = (await client.must('GET', `/${path}`)) as unknown as {
      readonly items?: readonly KubeObject[];
    };
    return items.filter(({ metadata }) => !KUBERNETES_OWN.includes(metadata.name));
  }

  /** Returns all objects of an installation, by the plural and the name. */
  async function objects(namespace: string): Promise<ReadonlyMap<string, KubeObject>> {
    const paths = [
      ...NAMESPACED.map((path) => inNamespace(path, namespace)),
      ...OF_THE_CLUSTER,
      CRDS,
    ];
    const found = await Promise.all(
      paths.map(async (path) => {
        const isOurs = belongsTo(namespace, path);
        return (await list(path))
          .filter(({ metadata }) => isOurs(metadata.name))
          .map((one) => [`${path.split('/').at(-1)} ${one.metadata.name}`, one] as const);
      }),
    );
    return new Map(found.flat());
  }

  /** Resolves once the controller has nothing more to write into the Deployment's status. */
  async function settled(namespace: string, name = 'kusk-gateway-manager'): Promise<void> {
    await eventually(async () => {
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
      const { metadata, spec, status } = (await client.must('GET', path)) as Deployment;
      const progressing = status?.conditions?.find(({ type }) => type === 'Progressing');
      if (status?.observedGeneration !== metadata.generation) throw new Error('not observed');
      if (progressing?.reason !== 'NewReplicaSetAvailable') throw new Error('not settled');
      const { replicas, updatedReplicas, availableReplicas } = status;
      const counts = [replicas, updatedReplicas, availableReplicas];
      if (counts.some((count) => count !== spec?.replicas)) throw new Error('not all ready');
    });
  }

  /** Returns the resourceVersion of every object of an installation. */
  async function versions(namespace: string): Promise<Readonly<Record<string, string>>> {
    const all = await objects(namespace);
    return Object.fromEntries(
      [...all].map(([key, { metadata }]) => [key, metadata.resourceVersion]),
    );
  }

  return {
    cp,
    client,
    program,
    kusk,
    list,
    objects,
    settled,
    versions,
    /** Reports the pods of a namespace as a kubelet would. A second call changes what is reported. */
    pods(namespace: string, report: PodReport): void {
      if (!reports.has(namespace)) {
        reportPods(client, { namespace, report: () => reports.get(namespace) ?? 'ready' });
      }
      reports.set(namespace, report);
    },
    async createNamespace(name: string, labels = {}): Promise<void> {
      await client.must('POST', '/api/v1/namespaces', { metadata: { name, labels } });
    },
    /** Returns the admin's kubeconfig, in which the user is another one. */
    async kubeconfigAs(name: string, user: object): Promise<string> {
      const config = JSON.parse(await readFile(cp.adminKubeconfig, 'utf8')) as {
        users: { name: string; user: object }[];
      };
      const users = config.users.map((one) => ({ ...one, user: { ...one.user, ...user } }));
      const path = join(cp.folder, `${name}.kubeconfig`);
      await writeFile(path, JSON.stringify({ ...config, users }), { mode: 0o600 });
      return path;
    },
    /** Returns the admin's kubeconfig with another cluster in it. */
    async kubeconfigTo(cluster: object): Promise<string> {
      const config = JSON.parse(await readFile(cp.adminKubeconfig, 'utf8')) as object;
      const path = join(cp.folder, 'elsewhere.kubeconfig');
      await writeFile(path, JSON.stringify({ ...config, clusters: [{ name: 'local', cluster }] }));
      return path;
    },
    async close(): Promise<void> {
      await client[Symbol.asyncDispose]();
      await cp.close();
    },
  };
}
