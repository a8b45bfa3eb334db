import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { POD_NETWORK } from './containerd.ts';

export interface KubeProxyOptions {
  readonly folder: string;
  readonly nodeName: string;
  readonly address: string;
  readonly kubeconfig: string;
}

/** Writes the settings of kube-proxy, which provides the addresses of Services. Returns its arguments. */
export async function configureKubeProxy(options: KubeProxyOptions): Promise<readonly string[]> {
  const { folder, nodeName, address, kubeconfig } = options;
  const config = join(folder, 'kube-proxy.yaml');
  const settings = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    bindAddress: address,
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
    clientConnection: { kubeconfig },
    clusterCIDR: POD_NETWORK,
    hostnameOverride: nodeName,
    nodePortAddresses: ['primary'],
    // The machine's own limits stay as they are.
    conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
  await writeFile(config, JSON.stringify(settings));
  return [`--config=${config}`];
}
