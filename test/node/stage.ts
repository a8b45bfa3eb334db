import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startNode } from '../../lab/node/start.ts';
import { programOf } from '../../lab/support/programs.ts';
import { ROOT } from '../../lab/support/root.ts';
import { runToEnd } from '../../lab/support/run.ts';
import type { NumbersReport } from '../../src/collector/numbers/numbers.ts';
import { CHART, helmOf, setting } from '../charts/helm.ts';
import { imageFor } from './image.ts';
import { countPackets } from './packets.ts';
import { runInside } from './run-inside.ts';

export const NAMESPACE = 'kusk-system';
const RECEIVER_PORT = 8090;
const RECEIVER_NAME = 'endpoint.test';
const WRITE_KEY = 'test-write-key';
const READ_KEY = 'read-key-of-the-tests';

interface Lease {
  readonly spec: { readonly holderIdentity?: string };
}

/** A whole node with the image in it, an endpoint that has a name there, and the chart at hand. */
export type Stage = Awaited<ReturnType<typeof setStage>>;

export async function setStage(log: (line: string) => void) {
  const image = await imageFor('kusk-gateway', log);
  log(`image ${image.repository}:${image.tag}`);
  const node = await startNode({ images: [image.archive], log });
  log('node ready');
  const { address, kubeconfig } = node;
  const packets = await countPackets(node, { receiverPort: RECEIVER_PORT });
  const server = join(import.meta.dirname, 'name-server.ts');
  await runInside(node, { args: [server, address, RECEIVER_NAME, address] });
  const url = `http://${address}:${RECEIVER_PORT}`;
  await runInside(node, {
    args: [
      programOf('kusk-collector'),
      `--listen=${address}:${RECEIVER_PORT}`,
      '--database=:memory:',
    ],
    env: { COLLECTOR_WRITE_KEY: WRITE_KEY, COLLECTOR_READ_KEY: READ_KEY },
  });
  const helm = await helmOf('helm', { kubeconfig, folder: join(node.folder, 'helm') });

  async function numbers(): Promise<NumbersReport> {
    const headers = { authorization: `Bearer ${READ_KEY}` };
    const answer = await fetch(`${url}/v1/numbers`, { headers });
    if (!answer.ok) throw new Error(`the endpoint answered ${answer.status}`);
    return (await answer.json()) as NumbersReport;
  }

  async function get(what: readonly string[]) {
    return JSON.parse(await node.kubectl(['get', '-n', NAMESPACE, ...what, '-o', 'json']));
  }

  return {
    node,
    packets,
    numbers,
    get,
    image: `${image.repository}:${image.tag}`,
    /** The pod that leads, by its name. */
    async leader(): Promise<string> {
      const lease: Lease = await get(['lease', 'kusk-gateway-manager']);
      if (!lease.spec.holderIdentity) throw new Error('nobody leads');
      return lease.spec.holderIdentity;
    },
    async pods(): Promise<readonly string[]> {
      const { items } = await get(['pods', '-l', 'app.kubernetes.io/name=kusk-gateway']);
      return items.map((pod: { metadata: { name: string } }) => pod.metadata.name);
    },
    /** Resolves once there are so many pods and all of them are ready. */
    async scale(replicas: number): Promise<void> {
      const deployment = 'deployment/kusk-gateway-manager';
      await node.kubectl(['scale', '-n', NAMESPACE, deployment, `--replicas=${replicas}`]);
      await node.kubectl(['rollout', 'status', '-n', NAMESPACE, deployment]);
      const gone = ['wait', 'pod', '--all', '-n', NAMESPACE, '--for=delete', '--timeout=1m'];
      if (replicas === 0) await node.kubectl(gone);
    },
    logs: (pod: string) => node.kubectl(['logs', '-n', NAMESPACE, pod]),
    async sample(name: string): Promise<string> {
      const text = await readFile(join(ROOT, 'deploy/samples/api.yaml'), 'utf8');
      return text.replace('name: sample', `name: ${name}`);
    },
    uninstall: () => helm.run(['uninstall', 'kusk-gateway', '-n', NAMESPACE, '--wait']),
    /** Runs the built `kusk` to its end, on a machine whose own telemetry is off. */
    kusk: (args: readonly string[]) =>
      runToEnd(process.execPath, [programOf('kusk'), ...args], {
        env: { PATH: process.env.PATH, HOME: node.folder, KUBECONFIG: kubeconfig, CI: 'true' },
      }),
    helm: (args: readonly string[], values: readonly string[]) =>
      helm.run([...args, 'kusk-gateway', CHART, '-n', NAMESPACE, '--wait', ...setting(values)]),
    endpoint: `http://${RECEIVER_NAME}:${RECEIVER_PORT}`,
    writeKey: WRITE_KEY,
    values: [
      `manager.image.repository=${image.repository}`,
      `manager.image.tag=${image.tag}`,
      'manager.image.pullPolicy=Never',
      `analytics.endpoint=http://${RECEIVER_NAME}:${RECEIVER_PORT}`,
      `analytics.writeKey=${WRITE_KEY}`,
    ],
  };
}
