import { mounted } from '../../lab/support/config-source.ts';
import { type Operator, startOperator } from '../../lab/support/operator.ts';
import { type Cluster, tokenKubeconfig } from './cluster.ts';
import { podSpec } from './pod-spec.ts';

/** The operator, run as its pod would be: environment, files and account are what the cluster says. */
export interface Pod extends AsyncDisposable {
  readonly operator: Operator;
  /** The pod template's annotation `checksum/config`. */
  readonly checksum: string;
  /** Brings the mounted files up to date, as kubelet does about once a minute. */
  readonly sync: () => Promise<void>;
}

/** Probes and metrics get ports of their own. */
const OWN = ['METRICS_BIND_ADDR', 'HEALTH_PROBE_BIND_ADDR'];

/** Starts what a Deployment's pod would run. There is no node in this cluster; this is its kubelet. */
export async function startPod(
  cluster: Cluster,
  { namespace, deployment, podName }: { namespace: string; deployment: string; podName: string },
): Promise<Pod> {
  const spec = await podSpec(cluster, { namespace, deployment });
  const volumes = spec.volumes.map((volume) => ({ ...volume, files: mounted() }));
  const sync = async () => {
    for (const { data, files } of volumes) files.sync(await data());
  };

  /** `--config=/etc/kusk-gateway/config.yaml`, in the folder that stands for the mount. */
  function inFolder(arg: string): string {
    const volume = volumes.find(({ mountPath }) => arg.includes(`=${mountPath}/`));
    return volume ? arg.replace(volume.mountPath, volume.files.folder) : arg;
  }

  await sync();
  const given = Object.entries(await spec.environment({ podName }));
  const operator = await startOperator({
    kubeconfig: await tokenKubeconfig(cluster, { name: spec.serviceAccountName, namespace }),
    namespace,
    endpoint: '',
    args: spec.args.map(inFolder),
    env: {
      ANALYTICS_ENDPOINT: undefined,
      ANALYTICS_WRITE_KEY: undefined,
      ...Object.fromEntries(given.filter(([name]) => !OWN.includes(name))),
    },
  });
  return {
    operator,
    checksum: spec.checksum,
    sync,
    async [Symbol.asyncDispose]() {
      await operator[Symbol.asyncDispose]();
      for (const { files } of volumes) files[Symbol.dispose]();
    },
  };
}
