import { basename, join } from 'node:path';
import {
  apiServerArguments,
  controllerManagerArguments,
  etcdArguments,
  LOOPBACK,
} from './arguments.ts';
import {
  ADMIN,
  CONTROLLER_MANAGER,
  type Credentials,
  writeCredentials,
  writeKubeconfig,
} from './credentials.ts';
import { isEtcdReady } from './etcd.ts';
import { freePort } from './ports.ts';
import { probe } from './probe.ts';
import { type Supervisor, supervise } from './supervise.ts';
import { waitUntil } from './wait.ts';

/** The programs that a control plane is made of, and kubectl to speak to it. */
export const CONTROL_PLANE = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kubectl',
] as const;

const ATTEMPTS = 5;
const AUDIT_POLICY = join(import.meta.dirname, 'audit-policy.json');

export interface BootOptions {
  /** Where each program is. */
  readonly programs: Readonly<Record<(typeof CONTROL_PLANE)[number], string>>;
  readonly featureGates: Readonly<Record<string, boolean>>;
  readonly apiserverArgs: readonly string[];
  readonly audit: boolean;
  /** Whether the controller manager runs. */
  readonly controllers: boolean;
  /** Where the API server listens; on loopback, if absent. etcd always does. */
  readonly address?: string;
  readonly signal: AbortSignal | undefined;
}

/** A control plane that runs. */
export interface Booted {
  readonly supervisor: Supervisor;
  readonly credentials: Credentials;
  readonly server: string;
  readonly etcdPort: number;
  readonly adminKubeconfig: string;
  readonly auditLog: string;
  /** Starts etcd on the data that it had, and waits until it is ready. */
  startEtcd(): Promise<void>;
  /** Starts the API server with the arguments that it had, and waits until it is ready. */
  startApiServer(): Promise<void>;
}

/** Starts etcd, the API server and, if wanted, the controller manager. Tries again if another process has taken a port. */
export async function boot(options: BootOptions): Promise<Booted> {
  for (let attempt = 1; ; attempt += 1) {
    const supervisor = await supervise();
    try {
      return await bootUnder(supervisor, options);
    } catch (error) {
      await supervisor.close();
      if (attempt === ATTEMPTS || !String(error).includes('address already in use')) throw error;
    }
  }
}

async function bootUnder(supervisor: Supervisor, options: BootOptions): Promise<Booted> {
  const { programs, signal, address = LOOPBACK } = options;
  const { folder } = supervisor;
  const [port, etcdPort, peerPort] = [await freePort(), await freePort(), await freePort()];
  const credentials = await writeCredentials(folder, { now: Date.now, address });
  const server = `https://${address}:${port}`;
  const auditLog = join(folder, 'audit.log');
  const apiServer = apiServerArguments({
    folder,
    address,
    port,
    etcdPort,
    credentials,
    featureGates: options.featureGates,
    audit: options.audit ? { log: auditLog, policy: AUDIT_POLICY } : undefined,
    extra: options.apiserverArgs,
  });
  const user = credentials.authority.issue({
    commonName: 'probe',
    organizations: ['system:masters'],
  });
  const answers = (path: string) => probe(path, { server, ca: credentials.authority.cert, user });

  async function startApiServer() {
    const name = 'kube-apiserver';
    await supervisor.start(name, programs[name], apiServer);
    await waitUntil(() => answers('/readyz'), { supervisor, name, signal });
  }

  async function startEtcd() {
    const args = etcdArguments({ folder, port: etcdPort, peerPort });
    await supervisor.start('etcd', programs.etcd, args);
    const isReady = () => isEtcdReady(etcdPort, { name: basename(folder) });
    await waitUntil(isReady, { supervisor, name: 'etcd', signal });
  }

  async function startControllerManager() {
    const name = 'kube-controller-manager';
    const to = join(folder, `${name}.kubeconfig`);
    const kubeconfig = await writeKubeconfig(to, CONTROLLER_MANAGER, { server, ...credentials });
    const args = controllerManagerArguments({ kubeconfig, credentials });
    await supervisor.start(name, programs[name], args);
  }

  /** The first object that the controller manager creates shows that it works. */
  async function awaitControllerManager() {
    const path = '/api/v1/namespaces/default/serviceaccounts/default';
    await waitUntil(() => answers(path), { supervisor, name: 'kube-controller-manager', signal });
  }

  await startEtcd();
  await startApiServer();
  if (options.controllers) {
    // Not sooner: it would look for the API server once a second only.
    await startControllerManager();
    await awaitControllerManager();
  }
  const to = join(folder, 'admin.kubeconfig');
  const adminKubeconfig = await writeKubeconfig(to, ADMIN, { server, ...credentials });
  const starts = { startEtcd, startApiServer };
  return { supervisor, credentials, server, etcdPort, adminKubeconfig, auditLog, ...starts };
}
