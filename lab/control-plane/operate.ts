import { cp, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { applyManifest, applyObject } from '../support/apply.ts';
import { kubeClient } from '../support/kube-client.ts';
import { etcdDataIn } from './arguments.ts';
import type { Booted } from './boot.ts';
import type { Account, ControlPlane, EtcdBackup } from './control-plane.ts';
import { serviceAccount, writeKubeconfig } from './credentials.ts';
import { compactEtcd } from './etcd.ts';
import { runKubectl } from './kubectl.ts';

const OPERATOR = { name: 'kusk-gateway-telemetry', namespace: 'kusk-system' };
const API_SERVER = 'kube-apiserver';
const ETCD = 'etcd';

/** What can be done with a control plane that runs, given kubectl's file. */
export async function operate(booted: Booted, kubectlFile: string): Promise<ControlPlane> {
  const { supervisor, credentials, server, adminKubeconfig, startApiServer } = booted;
  const { authority, caFile } = credentials;
  const { folder } = supervisor;
  const cacheFolder = join(folder, 'kubectl');
  const etcdData = etcdDataIn(folder);
  const operatorKubeconfig = await kubeconfigFor(OPERATOR);

  async function kubeconfigFor({ name, namespace }: Account) {
    const path = join(folder, `${namespace}.${name}.kubeconfig`);
    return writeKubeconfig(path, serviceAccount(name, namespace), { server, authority });
  }

  const kubectl: ControlPlane['kubectl'] = (args, { input, kubeconfig = adminKubeconfig } = {}) =>
    runKubectl(args, { file: kubectlFile, kubeconfig, cacheFolder, input });

  async function grant(manifest: string, { namespace = OPERATOR.namespace } = {}) {
    await using client = kubeClient({ server, authority });
    const home = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
    await applyObject(home, { client, namespace });
    await applyManifest(manifest, { client, namespace });
  }

  const stopApiServer = (signal: NodeJS.Signals = 'SIGTERM') => supervisor.stop(API_SERVER, signal);

  async function restartApiServer(signal?: NodeJS.Signals) {
    await stopApiServer(signal);
    await startApiServer();
  }

  async function restartEtcd(signal: NodeJS.Signals = 'SIGKILL') {
    await supervisor.stop(ETCD, signal);
    await booted.startEtcd();
  }

  async function backUpEtcd(): Promise<EtcdBackup> {
    const backup = { folder: await mkdtemp(join(folder, 'etcd-backup-')) };
    await supervisor.stop(ETCD, 'SIGKILL');
    await cp(etcdData, backup.folder, { recursive: true });
    await booted.startEtcd();
    return backup;
  }

  async function restoreEtcd(backup: EtcdBackup) {
    await stopApiServer();
    await supervisor.stop(ETCD, 'SIGKILL');
    await rm(etcdData, { recursive: true });
    await cp(backup.folder, etcdData, { recursive: true });
    await booted.startEtcd();
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
    restartEtcd,
    backUpEtcd,
    restoreEtcd,
    pauseApiServer: () => supervisor.signal(API_SERVER, 'SIGSTOP'),
    resumeApiServer: () => supervisor.signal(API_SERVER, 'SIGCONT'),
    compact,
    expireWatches,
    close: supervisor.close,
    [Symbol.asyncDispose]: supervisor.close,
  };
}
