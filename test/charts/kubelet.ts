import { mountedFile } from '../support/config-source.ts';
import type { KubeObject } from '../support/kube-client.ts';
import { type Operator, startOperator } from '../support/operator.ts';
import { type Cluster, tokenKubeconfig } from './cluster.ts';

interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string };
    readonly configMapKeyRef?: KeyRef;
    readonly secretKeyRef?: KeyRef;
  };
}

interface KeyRef {
  readonly name: string;
  readonly key: string;
}

/** A Deployment, as far as it is followed here. */
interface Deployment extends KubeObject {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly annotations: { readonly 'checksum/config': string } };
      readonly spec: {
        readonly serviceAccountName: string;
        readonly containers: readonly [
          { readonly args: readonly string[]; readonly env: readonly EnvVar[] },
        ];
        readonly volumes: readonly [{ readonly configMap: { readonly name: string } }];
      };
    };
  };
}

/** The operator, run as its pod would be: environment, files and account are what the cluster says. */
export interface Pod extends AsyncDisposable {
  readonly operator: Operator;
  /** The pod template's annotation `checksum/config`. */
  readonly checksum: string;
  /** Brings the mounted files up to date, as kubelet does about once a minute. */
  readonly sync: () => Promise<void>;
}

/** Probes and metrics get ports of their own. */
const ADDRESSES = ['METRICS_BIND_ADDR', 'HEALTH_PROBE_BIND_ADDR'];

/** Starts what a Deployment's pod would run. There is no node in this cluster; this is its kubelet. */
export async function startPod(
  cluster: Cluster,
  { namespace, deployment, podName }: { namespace: string; deployment: string; podName: string },
): Promise<Pod> {
  const { client, cp } = cluster;
  const apps = `/apis/apps/v1/namespaces/${namespace}/deployments/${deployment}`;
  const { template } = ((await client.must('GET', apps)) as Deployment).spec;
  const [container] = template.spec.containers;
  const fields = { 'metadata.name': podName, 'metadata.namespace': namespace };
  const read = (kind: string, name: string) =>
    client.must('GET', `/api/v1/namespaces/${namespace}/${kind}/${name}`);

  async function resolved({ value, valueFrom = {} }: EnvVar): Promise<string | undefined> {
    const { fieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
    if (fieldRef) return fields[fieldRef.fieldPath as keyof typeof fields];
    if (configMapKeyRef) {
      return (await read('configmaps', configMapKeyRef.name)).data?.[configMapKeyRef.key];
    }
    if (!secretKeyRef) return value;
    const encoded = (await read('secrets', secretKeyRef.name)).data?.[secretKeyRef.key];
    return Buffer.from(encoded ?? '', 'base64').toString();
  }

  async function mounted(): Promise<string> {
    const [{ configMap }] = template.spec.volumes;
    return (await read('configmaps', configMap.name)).data?.['config.yaml'] ?? '';
  }

  const entries = await Promise.all(
    container.env
      .filter(({ name }) => !ADDRESSES.includes(name))
      .map(async (variable) => [variable.name, await resolved(variable)] as const),
  );
  const config = mountedFile(await mounted());
  const operator = await startOperator({
    kubeconfig: await tokenKubeconfig(cp, { name: template.spec.serviceAccountName, namespace }),
    namespace,
    endpoint: '',
    args: container.args.map((arg) => arg.replace('/etc/kusk-gateway/config.yaml', config.path)),
    env: {
      ANALYTICS_ENDPOINT: undefined,
      ANALYTICS_WRITE_KEY: undefined,
      ...Object.fromEntries(entries),
    },
  });
  return {
    operator,
    checksum: template.metadata.annotations['checksum/config'],
    async sync() {
      config.write(await mounted());
    },
    async [Symbol.asyncDispose]() {
      await operator[Symbol.asyncDispose]();
      config[Symbol.dispose]();
    },
  };
}
