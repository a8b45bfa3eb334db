import { basename, join } from 'node:path';
import type { Credentials } from './credentials.ts';

export const LOOPBACK = '127.0.0.1';

/** Where the etcd of a control plane keeps its data. */
export function etcdDataIn(folder: string): string {
  return join(folder, 'etcd');
}

/** etcd for throw-away data: on loopback, and without waiting for the disk. Its name is the folder's. */
export function etcdArguments({
  folder,
  port,
  peerPort,
}: {
  readonly folder: string;
  readonly port: number;
  readonly peerPort: number;
}): readonly string[] {
  const client = `http://${LOOPBACK}:${port}`;
  const peer = `http://${LOOPBACK}:${peerPort}`;
  return [
    `--name=${basename(folder)}`,
    `--data-dir=${etcdDataIn(folder)}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=${basename(folder)}=${peer}`,
    '--unsafe-no-fsync',
    // Beyond 2 GB, its default, it would refuse writes.
    `--quota-backend-bytes=${8 * 2 ** 30}`,
    // It waits for as long at start, to elect itself.
    '--heartbeat-interval=20',
    '--election-timeout=200',
    '--log-level=warn',
  ];
}

export interface ApiServerOptions {
  readonly folder: string;
  /** Where it listens, and the address that clients in the cluster get. */
  readonly address: string;
  readonly port: number;
  readonly etcdPort: number;
  readonly credentials: Credentials;
  readonly featureGates: Readonly<Record<string, boolean>>;
  /** Where to write the audit log by the policy, if there is to be one. */
  readonly audit: { readonly log: string; readonly policy: string } | undefined;
  /** Added last, so they win over ours. */
  readonly extra: readonly string[];
}

/** The API server with RBAC. It advertises its own address, so a machine without any route will do. */
export function apiServerArguments(options: ApiServerOptions): readonly string[] {
  const { folder, address, port, etcdPort, credentials, featureGates, audit, extra } = options;
  const gates = Object.entries(featureGates).map(([name, on]) => `${name}=${on}`);
  return [
    `--etcd-servers=http://${LOOPBACK}:${etcdPort}`,
    `--bind-address=${address}`,
    `--advertise-address=${address}`,
    // No pod can reach loopback, so nothing is told of it.
    ...(address === LOOPBACK ? ['--endpoint-reconciler-type=none'] : []),
    `--secure-port=${port}`,
    `--cert-dir=${join(folder, 'generated')}`,
    `--tls-cert-file=${credentials.serverCertFile}`,
    `--tls-private-key-file=${credentials.serverKeyFile}`,
    `--client-ca-file=${credentials.caFile}`,
    `--kubelet-client-certificate=${credentials.kubeletClientCertFile}`,
    `--kubelet-client-key=${credentials.kubeletClientKeyFile}`,
    '--kubelet-preferred-address-types=InternalIP',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${credentials.tokenKeyFile}`,
    `--service-account-signing-key-file=${credentials.tokenKeyFile}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--authorization-mode=Node,RBAC',
    '--allow-privileged=true',
    '--profiling=false',
    // A graceful stop would else wait for its watchers for a minute.
    '--shutdown-watch-termination-grace-period=1s',
    ...(gates.length > 0 ? [`--feature-gates=${gates.join(',')}`] : []),
    ...(audit ? [`--audit-log-path=${audit.log}`, `--audit-policy-file=${audit.policy}`] : []),
    ...extra,
  ];
}

/** Garbage collection, namespaces, service accounts, Deployments' status. It opens no port. */
export function controllerManagerArguments({
  kubeconfig,
  credentials,
}: {
  readonly kubeconfig: string;
  readonly credentials: Credentials;
}): readonly string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    '--use-service-account-credentials',
    `--service-account-private-key-file=${credentials.tokenKeyFile}`,
    `--root-ca-file=${credentials.caFile}`,
    `--cluster-signing-cert-file=${credentials.caFile}`,
    `--cluster-signing-key-file=${credentials.caKeyFile}`,
    '--leader-elect=false',
    // Its own limit of 20 requests a second makes it take 5 s to start.
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
    '--secure-port=0',
  ];
}
