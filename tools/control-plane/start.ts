import { join, resolve } from 'node:path';
import { type Booted, type BootOptions, boot } from './boot.ts';
import type { CertificateAuthority } from './certificates.ts';
import { serviceAccount, writeKubeconfig } from './credentials.ts';
import { ensure } from './ensure.ts';
import { compactEtcd } from './etcd.ts';
import { exists } from './files.ts';
import { runKubectl } from './kubectl.ts';

/** The manifest of the operator's rights, applied at start where the checkout has it. */
const OPERATOR_RIGHTS = resolve(import.meta.dirname, '../../deploy/rbac.yaml');
const OPERATOR = { name: 'kusk-gateway-manager', namespace: 'kusk-system' };
const API_SERVER = 'kube-apiserver';

export interface ControlPlaneOptions {
  /** Closes the control plane, also one that is still starting. */
  readonly signal?: AbortSignal;
  /** Is told of a build and how far it is. Nothing is said if all programs are there. */
  readonly log?: (line: string) => void;
  /** Of the API server: `{ WatchList: false }`. */
  readonly featureGates?: Readonly<Record<string, boolean>>;
  /** Added to the API server's arguments; they win over ours. */
  readonly apiserverArgs?: readonly string[];
  /** Log each request on our resources to `auditLog`, those that change something with their bodies. */
  readonly audit?: boolean;
  /** A manifest of the operator's rights, in place of `deploy/rbac.yaml`; `null` grants nothing. */
  readonly rights?: string | null;
}

/** A real API server, with etcd and the controller manager, on loopback. */
export interface ControlPlane extends AsyncDisposable {
  /** `https://127.0.0.1:<port>`. It stays the same when the API server is restarted. */
  readonly server: string;
  /** A folder of this control plane, with `<program>.log`. It goes when it closes. */
  readonly folder: string;
  /** A kubeconfig that may do all. */
  readonly adminKubeconfig: string;
  /** A kubeconfig for the operator's service account, `kusk-gateway-manager` in `kusk-system`. */
  readonly operatorKubeconfig: string;
  /** The authority that kubeconfigs trust, as a file in PEM. */
  readonly caFile: string;
  /** Issues more certificates, for other users or for a proxy in front of the API server. */
  readonly authority: CertificateAuthority;
  /** One JSON object a line, if `audit` was asked for. */
  readonly auditLog: string;
  /** Runs kubectl as admin and gives its output. Rejects with what it wrote to stderr. */
  kubectl(args: readonly string[], options?: KubectlCall): Promise<string>;
  /** Writes a kubeconfig for a service account, which need not be there, and gives its path. */
  kubeconfigFor(account: Account): Promise<string>;
  /** Applies a manifest of rights in a namespace, `kusk-system` by default, which is made first. */
  grant(manifest: string, options?: { readonly namespace?: string }): Promise<void>;
  stopApiServer(signal?: NodeJS.Signals): Promise<void>;
  startApiServer(): Promise<void>;
  restartApiServer(signal?: NodeJS.Signals): Promise<void>;
  /** The API server stands still with its connections open, until `resumeApiServer`. */
  pauseApiServer(): Promise<void>;
  resumeApiServer(): Promise<void>;
  /** Throws etcd's history away and gives its revision. The API server still has some of it in memory. */
  compact(): Promise<number>;
  /** Compacts with the API server restarted, so that a watch from an older resourceVersion is a 410. */
  expireWatches(): Promise<number>;
  /** Stops all and deletes all. Resolves once nothing is left. */
  close(): Promise<void>;
}

export interface Account {
  readonly name: string;
  readonly namespace: string;
}

export interface KubectlCall {
  /** Written to its standard input, for `-f -`. */
  readonly input?: string;
  /** Somebody else than the admin. */
  readonly kubeconfig?: string;
}

/**
 * Starts a control plane, having built its programs if they are not there; ready in some 4 seconds.
 *
 * No process and no file of it outlives `close()`, an abort of `signal`, or the death of the calling
 * process, however that dies. Left open, it does not keep the process alive.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const { signal, log = () => {}, featureGates = {}, apiserverArgs = [], audit = false } = options;
  const { rights = OPERATOR_RIGHTS } = options;
  const names = ['etcd', API_SERVER, 'kube-controller-manager', 'kubectl'] as const;
  const programs = await ensure(names, { env: process.env, log, signal });
  const bootOptions: BootOptions = { programs, featureGates, apiserverArgs, audit, signal };
  const controlPlane = await operate(await boot(bootOptions), programs.kubectl);
  signal?.addEventListener('abort', () => void controlPlane.close(), { once: true });
  try {
    if (rights !== null && (await exists(rights))) await controlPlane.grant(rights);
    signal?.throwIfAborted();
    return controlPlane;
  } catch (error) {
    await controlPlane.close();
    throw error;
  }
}

async function operate(booted: Booted, kubectlFile: string): Promise<ControlPlane> {
  const { supervisor, credentials, server, adminKubeconfig, startApiServer } = booted;
  const { authority, caFile } = credentials;
  const { folder } = supervisor;
  const cacheFolder = join(folder, 'kubectl');
  const operatorKubeconfig = await kubeconfigFor(OPERATOR);

  async function kubeconfigFor({ name, namespace }: Account) {
    const path = join(folder, `${namespace}.${name}.kubeconfig`);
    return writeKubeconfig(path, serviceAccount(name, namespace), { server, authority });
  }

  const kubectl: ControlPlane['kubectl'] = (args, { input, kubeconfig = adminKubeconfig } = {}) =>
    runKubectl(args, { file: kubectlFile, kubeconfig, cacheFolder, input });

  async function grant(manifest: string, { namespace = OPERATOR.namespace } = {}) {
    const home = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
    const args = ['apply', '--server-side', '-n', namespace, '-f', '-', '-f', manifest];
    await kubectl(args, { input: JSON.stringify(home) });
  }

  const stopApiServer = (signal: NodeJS.Signals = 'SIGTERM') => supervisor.stop(API_SERVER, signal);

  async function restartApiServer(signal?: NodeJS.Signals) {
    await stopApiServer(signal);
    await startApiServer();
  }

  const compact = () => compactEtcd(booted.etcdPort);

  async function expireWatches() {
    await stopApiServer();
    const revision = await compact();
    await startApiServer();
    return revision;
  }

  return {
    server,
    folder,
    adminKubeconfig,
    operatorKubeconfig,
    caFile,
    authority,
    auditLog: booted.auditLog,
    kubectl,
    kubeconfigFor,
    grant,
    stopApiServer,
    startApiServer,
    restartApiServer,
    pauseApiServer: () => supervisor.signal(API_SERVER, 'SIGSTOP'),
    resumeApiServer: () => supervisor.signal(API_SERVER, 'SIGCONT'),
    compact,
    expireWatches,
    close: supervisor.close,
    [Symbol.asyncDispose]: supervisor.close,
  };
}
