import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Booted, boot } from '../control-plane/boot.ts';
import { type User, writeKubeconfig } from '../control-plane/credentials.ts';
import { type KubectlOptions, runKubectl } from '../control-plane/kubectl.ts';
import { waitUntil } from '../control-plane/wait.ts';
import { command } from '../support/command.ts';
import type { Assignment, Ready } from './assignment.ts';
import { configureContainerd, socketIn } from './containerd.ts';
import { configureKubeProxy } from './kube-proxy.ts';
import { configureKubelet } from './kubelet.ts';
import { pretendTunables } from './tunables.ts';

const NODE_NAME = 'node';
const NODE: User = { name: `system:node:${NODE_NAME}`, groups: ['system:nodes'] };
const SCHEDULER: User = { name: 'system:kube-scheduler' };
/** A group that may do all, in place of rights of its own. */
const PROXY: User = { name: 'system:kube-proxy', groups: ['system:masters'] };

/** Starts the control plane, and all that makes this machine its node. Resolves once pods can run. */
export async function bringUp({ programs, address, cgroup, images }: Assignment): Promise<Ready> {
  const none = { featureGates: {}, apiserverArgs: [], audit: false, signal: undefined };
  const booted = await boot({ programs, address, controllers: true, ...none });
  const { supervisor, credentials, server, adminKubeconfig } = booted;
  const { folder } = supervisor;
  const kubeconfigOf = (user: User, name: string) =>
    writeKubeconfig(join(folder, `${name}.kubeconfig`), user, { server, ...credentials });

  async function startScheduler() {
    const kubeconfig = await kubeconfigOf(SCHEDULER, 'kube-scheduler');
    const args = [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--secure-port=0'];
    await supervisor.start('kube-scheduler', programs['kube-scheduler'], args);
  }

  async function startKubeProxy() {
    const kubeconfig = await kubeconfigOf(PROXY, 'kube-proxy');
    const options = { folder, nodeName: NODE_NAME, address, kubeconfig };
    const args = await configureKubeProxy(options);
    await supervisor.start('kube-proxy', programs['kube-proxy'], args);
  }

  async function startKubelet() {
    const kubeconfig = await kubeconfigOf(NODE, 'kubelet');
    const options = { folder, nodeName: NODE_NAME, address, cgroup, kubeconfig, credentials };
    await pretendTunables(folder);
    await supervisor.start('kubelet', programs.kubelet, await configureKubelet(options));
  }

  await Promise.all([startScheduler(), startKubeProxy(), startContainerd(booted, images)]);
  await startKubelet();
  const kubectl = {
    file: programs.kubectl,
    kubeconfig: adminKubeconfig,
    cacheFolder: join(folder, 'kubectl'),
  };
  await waitUntil(() => isReady(kubectl), { supervisor, name: 'kubelet' });
  return { kubeconfig: adminKubeconfig, server, folder };
}

/** With all images in it, since there is no registry to pull them from. */
async function startContainerd({ supervisor }: Booted, images: readonly string[]): Promise<void> {
  const { folder } = supervisor;
  const ctr = (...args: readonly string[]) =>
    command('ctr', ['--address', socketIn(folder), '--namespace', 'k8s.io', ...args]);
  await mkdir(join(folder, 'containerd'));
  await supervisor.start('containerd', 'containerd', await configureContainerd(folder));
  const answers = () =>
    ctr('version').then(
      () => true,
      () => false,
    );
  await waitUntil(answers, { supervisor, name: 'containerd' });
  for (const archive of images) await ctr('images', 'import', archive);
}

async function isReady(kubectl: KubectlOptions): Promise<boolean> {
  const path = '{.status.conditions[?(@.type=="Ready")].status}';
  const args = ['get', 'node', NODE_NAME, '--output', `jsonpath=${path}`];
  return (await runKubectl(args, kubectl)) === 'True';
}
