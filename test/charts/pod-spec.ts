import type { KubeObject } from '../../lab/support/kube-client.ts';
import type { Cluster } from './cluster.ts';

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

interface Container {
  readonly args: readonly string[];
  readonly env: readonly EnvVar[];
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name: string } }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

/** A Deployment, as far as it is followed here. */
interface Deployment extends KubeObject {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly annotations: { readonly 'checksum/config': string } };
      readonly spec: {
        readonly serviceAccountName: string;
        readonly containers: readonly [Container];
        readonly volumes: readonly {
          readonly name: string;
          readonly configMap: { readonly name: string };
        }[];
      };
    };
  };
}

type Data = Readonly<Record<string, string>>;
type Variables = Readonly<Record<string, string | undefined>>;

/** A ConfigMap that is mounted as a folder. */
export interface Volume {
  readonly mountPath: string;
  readonly data: () => Promise<Data>;
}

/** What a Deployment's pod would run, with what the cluster holds of it at the moment. */
export interface PodSpec {
  readonly args: readonly string[];
  readonly serviceAccountName: string;
  readonly checksum: string;
  readonly volumes: readonly Volume[];
  /** The text of each mounted file, by its path. */
  readonly files: () => Promise<ReadonlyMap<string, string>>;
  readonly environment: (pod: { readonly podName: string }) => Promise<Variables>;
}

export async function podSpec(
  { client }: Cluster,
  { namespace, deployment }: { readonly namespace: string; readonly deployment: string },
): Promise<PodSpec> {
  const apps = `/apis/apps/v1/namespaces/${namespace}/deployments/${deployment}`;
  const { template } = ((await client.must('GET', apps)) as Deployment).spec;
  const { containers, volumes, serviceAccountName } = template.spec;
  const [container] = containers;

  /** What a ConfigMap or Secret holds; nothing if there is none, as all of ours are optional. */
  async function dataOf(kind: string, name: string): Promise<Data> {
    const path = `/api/v1/namespaces/${namespace}/${kind}/${name}`;
    const { status, object } = await client.send('GET', path);
    return status === 404 ? {} : (object.data ?? {});
  }

  async function resolved(
    { value, valueFrom = {} }: EnvVar,
    fields: Data,
  ): Promise<string | undefined> {
    const { fieldRef, configMapKeyRef: map, secretKeyRef: secret } = valueFrom;
    if (fieldRef) return fields[fieldRef.fieldPath];
    if (map) return (await dataOf('configmaps', map.name))[map.key];
    if (!secret) return value;
    const encoded = (await dataOf('secrets', secret.name))[secret.key];
    return Buffer.from(encoded ?? '', 'base64').toString();
  }

  async function environment({ podName }: { readonly podName: string }): Promise<Variables> {
    const fields = { 'metadata.name': podName, 'metadata.namespace': namespace };
    const maps = (container.envFrom ?? []).flatMap(({ configMapRef }) => configMapRef ?? []);
    const from = await Promise.all(maps.map(({ name }) => dataOf('configmaps', name)));
    const own = await Promise.all(
      container.env.map(async (one) => [one.name, await resolved(one, fields)] as const),
    );
    const present = own.filter(([, value]) => value !== undefined);
    return Object.assign({}, ...from, Object.fromEntries(present));
  }

  const mounts = volumes.map(({ name, configMap }) => ({
    mountPath: container.volumeMounts.find((mount) => mount.name === name)?.mountPath ?? '',
    data: () => dataOf('configmaps', configMap.name),
  }));
  async function files(): Promise<ReadonlyMap<string, string>> {
    const each = await Promise.all(
      mounts.map(async ({ mountPath, data }) =>
        Object.entries(await data()).map(([key, text]) => [`${mountPath}/${key}`, text] as const),
      ),
    );
    return new Map(each.flat());
  }

  return {
    args: container.args,
    serviceAccountName,
    checksum: template.metadata.annotations['checksum/config'],
    volumes: mounts,
    files,
    environment,
  };
}
