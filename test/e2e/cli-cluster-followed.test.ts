import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Endpoint, startEndpoint } from '../../lab/support/endpoint.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { ledgerAccess } from '../../lab/support/ledger.ts';
import { type Cluster, startCluster } from '../charts/cluster.ts';
import { startPod } from '../charts/kubelet.ts';
import { builtKusk } from './kusk-cluster.ts';

const NS = 'kusk-system';
const POD = { namespace: NS, deployment: 'kusk-gateway-manager' };

type Pod = Awaited<ReturnType<typeof startPod>>;

let cluster: Cluster;
let endpoint: Endpoint;
let kusk: Awaited<ReturnType<typeof builtKusk>>['kusk'];
before(async () => {
  [cluster, endpoint] = await Promise.all([startCluster(), startEndpoint()]);
  ({ kusk } = await builtKusk(cluster.cp));
});
after(async () => {
  await endpoint.close();
  await cluster.close();
});

async function run(args: string): Promise<string> {
  const { code, out, err } = await kusk(args);
  assert.equal(code, 0, err);
  return out;
}

/** Resolves once the operator has logged this so many times. */
async function logged({ operator }: Pod, msg: string, times = 1): Promise<void> {
  await eventually(() => {
    const count = operator.lines.filter((line) => line.msg === msg).length;
    assert.equal(count, times, operator.output());
  });
}

async function isSent(event: string, times: number): Promise<void> {
  await eventually(() => {
    const all = endpoint.accepted.filter(({ properties }) => properties.event === event);
    assert.equal(new Set(all.map(({ messageId }) => messageId)).size, times);
  });
}

async function clusterStatus(): Promise<{
  readonly telemetry: string;
  readonly id: string | null;
}> {
  const { cluster: found } = JSON.parse(await run('analytics status -o json')) as {
    readonly cluster: { readonly telemetry: string; readonly id: string | null };
  };
  return found;
}

describe('an operator that kusk has installed', () => {
  it('follows kusk analytics disable --cluster and enable --cluster while it runs', async () => {
    await run(`cluster install --no-wait --endpoint ${endpoint.url} --write-key key`);
    await using pod = await startPod(cluster, { ...POD, podName: 'one' });
    await isSent('install', 1);
    await eventually(async () => {
      const { telemetry, id } = await clusterStatus();
      assert.deepEqual([telemetry, id], ['on', cluster.clusterId]);
    });

    assert.match(await run('analytics disable --cluster'), /sends one last event/);
    await pod.sync();
    await logged(pod, 'telemetry is off: nothing is sent');
    await isSent('analytics-disabled', 1);
    assert.equal((await clusterStatus()).telemetry, 'off');

    await run('analytics enable --cluster');
    await pod.sync();
    await logged(pod, 'telemetry is on', 2);
    // The operator logs it before it writes the ledger.
    const ledger = ledgerAccess(cluster.client, NS);
    await eventually(async () => assert.equal((await ledger.content())?.consent, 'on'));
    assert.equal((await clusterStatus()).telemetry, 'on');
  });

  it('reports once that it is installed off, until enable --cluster turns it on', async () => {
    await run('cluster upgrade --no-wait --analytics off');
    {
      await using pod = await startPod(cluster, { ...POD, podName: 'two' });
      await logged(pod, 'telemetry is off: nothing is sent');
      await isSent('analytics-disabled', 2);
    }
    const before = endpoint.arrivals.length;
    {
      await using pod = await startPod(cluster, { ...POD, podName: 'three' });
      await logged(pod, 'telemetry is off: nothing is sent');
      await pod.operator.ready();
    }
    assert.equal(endpoint.arrivals.length, before);

    await run('analytics enable --cluster');
    await using pod = await startPod(cluster, { ...POD, podName: 'four' });
    await logged(pod, 'telemetry is on');
  });

  it('is one installation after an uninstall and another install', async () => {
    await run('cluster uninstall --yes');
    await run(`cluster install --no-wait --endpoint ${endpoint.url} --write-key key`);
    await using pod = await startPod(cluster, { ...POD, podName: 'five' });
    await pod.operator.ready();
    await logged(pod, 'telemetry is on');
    const path = '/apis/gateway.kusk.io/v1alpha1/namespaces/default/apis';
    await cluster.client.must('POST', path, {
      apiVersion: 'gateway.kusk.io/v1alpha1',
      kind: 'API',
      metadata: { name: 'after' },
      spec: { spec: 'openapi: 3.0.0' },
    });
    await isSent('api-created', 1);
    await isSent('install', 1);
  });
});
