import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Credentials, writeSecret } from '../control-plane/credentials.ts';
import { socketIn } from './containerd.ts';

export interface KubeletOptions {
  readonly folder: string;
  readonly nodeName: string;
  /** The node's address, and that of the name server that pods are told of. */
  readonly address: string;
  /** Below which containers' groups are made. */
  readonly cgroup: string;
  readonly kubeconfig: string;
  readonly credentials: Credentials;
}

/** Writes a kubelet's settings and certificate. Returns its arguments. */
export async function configureKubelet(options: KubeletOptions): Promise<readonly string[]> {
  const { folder, nodeName, address, kubeconfig, credentials } = options;
  const { cert, key } = credentials.authority.issue({ commonName: nodeName, hosts: [address] });
  const tlsCertFile = await writeSecret(join(folder, 'kubelet.crt'), cert);
  const tlsPrivateKeyFile = await writeSecret(join(folder, 'kubelet.key'), key);
  const config = join(folder, 'kubelet.yaml');
  const settings = { ...settingsOf(options), tlsCertFile, tlsPrivateKeyFile };
  await writeFile(config, JSON.stringify(settings));
  return [
    `--config=${config}`,
    `--kubeconfig=${kubeconfig}`,
    `--hostname-override=${nodeName}`,
    `--node-ip=${address}`,
    `--root-dir=${join(folder, 'kubelet')}`,
  ];
}

function settingsOf({ folder, address, cgroup, credentials }: KubeletOptions) {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address,
    authentication: { anonymous: { enabled: false }, x509: { clientCAFile: credentials.caFile } },
    authorization: { mode: 'Webhook' },
    containerRuntimeEndpoint: `unix://${socketIn(folder)}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    // Whatever the machine's state is: a test is no reason to evict pods or to delete images.
    evictionHard: { 'memory.available': '100Mi' },
    imageGCHighThresholdPercent: 100,
    clusterDNS: [address],
    clusterDomain: 'cluster.local',
    resolvConf: '',
    // Less than the machine's own is refused where the right to it was taken away.
    oomScoreAdj: 0,
    maxOpenFiles: 16_384,
    podLogsDir: join(folder, 'logs'),
    volumePluginDir: join(folder, 'volume-plugins'),
    // So that a change of a ConfigMap is in the pod's files in seconds.
    syncFrequency: '5s',
  };
}
