import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { NEEDED } from '../../lab/node/needed.ts';
import { obstacle } from '../../lab/node/obstacle.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { ROOT } from '../../lab/support/root.ts';
import { NEEDED_FOR_BASE } from '../../tools/image/base.ts';
import { NEEDED as NEEDED_FOR_IMAGE } from '../../tools/image/buildah.ts';
import { remainsOf } from './remains.ts';
import { NAMESPACE, type Stage, setStage } from './stage.ts';

const startedAt = performance.now();
const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(1);
const log = (line: string) => console.log(`${seconds().padStart(6)} s  ${line}`);

const needed = { ...NEEDED, ...NEEDED_FOR_IMAGE, ...NEEDED_FOR_BASE, nft: 'nftables' };
const problem = await obstacle(needed, { env: process.env, log });

/** How many APIs are created while the leader is replaced. */
const WHILE_REPLACED = 20;

describe('the image and the chart on a whole node', { skip: problem ?? false }, () => {
  let stage: Stage;
  let remains: () => readonly string[];

  before(async () => {
    stage = await setStage(log);
    remains = remainsOf(stage.node);
  });
  after(() => stage?.node.close());

  it('becomes ready by helm install --wait', async () => {
    const values = [...stage.values, 'replicaCount=2'];
    await stage.helm(['install', '--create-namespace', '--timeout=2m'], values);
    log('installed');
    assert.equal((await stage.pods()).length, 2);
  });

  it('says in the first lines of its log whether telemetry is on, who decided it, and where to', async () => {
    const lines = (await stage.logs(await stage.leader())).trim().split('\n');
    const said = lines.slice(0, 4).map((line) => JSON.parse(line));
    for (const line of lines.slice(0, 4)) log(line);
    assert.equal(said[0].msg, 'telemetry is on');
    assert.ok(said[0].decidedBy && said[0].howToSwitchOff);
    const cluster = said.find(({ clusterId }) => clusterId);
    assert.match(cluster.clusterId, /^[0-9a-f]{64}$/);
    assert.match(cluster.to, /^http:\/\/endpoint\.test:8090/);
  });

  it('counts the samples', async () => {
    await stage.node.kubectl(['apply', '-f', 'deploy/samples']);
    await eventually(async () => {
      const { total } = await stage.numbers();
      assert.deepEqual(total.creations, { API: 1, StaticRoute: 1, EnvoyFleet: 1 });
      assert.equal(total.clusterInstallations, 1);
      assert.equal(total.activeClusters, 1);
    });
    log('samples counted');
  });

  it('loses nothing when the pod that leads is deleted, which ends immediately', async () => {
    const { node } = stage;
    const first = await stage.leader();
    const names = Array.from({ length: WHILE_REPLACED }, (_, index) => `api-${index}`);
    const deletedAt = performance.now();
    const deleted = node
      .kubectl(['delete', 'pod', first, '-n', NAMESPACE])
      .then(() => performance.now() - deletedAt);
    for (const name of names) {
      await node.kubectl(['apply', '-f', '-'], { input: await stage.sample(name) });
    }
    const tookMs = await deleted;
    await eventually(async () => {
      assert.notEqual(await stage.leader(), first);
      assert.equal((await stage.numbers()).total.creations.API, 1 + WHILE_REPLACED);
    });
    log(`leader replaced (its pod took ${Math.round(tookMs)} ms to go)`);
    assert.ok(tookMs < 20_000, `SIGTERM did not reach it: ${tookMs} ms`);
  });

  it('has sent to the API server, the name server and the endpoint, and nowhere else', async () => {
    const sent = await stage.packets.read();
    log(`packets while on: ${JSON.stringify(sent)}`);
    assert.ok(sent.apiServer > 0 && sent.names > 0 && sent.endpoint > 0);
    assert.equal(sent.elsewhere, 0);
  });

  it('is silent after --set analytics.enabled=false but for one last event', async () => {
    await stage.helm(['upgrade', '--reuse-values', '--timeout=2m'], ['analytics.enabled=false']);
    await eventually(async () => assert.equal((await stage.numbers()).total.disabled, 1));
    log('switched off');
    for (const pod of await stage.pods()) {
      assert.match(await stage.logs(pod), /"telemetry is off/);
    }
  });

  it('sends no packet but to the API server while it is off', async () => {
    const { node, packets } = stage;
    const told = await stage.numbers();
    // Pods whose telemetry is switched off end. Of those that were on, everything is counted.
    await stage.scale(0);
    await packets.reset();
    await stage.scale(2);
    await node.kubectl(['apply', '-f', '-'], { input: await stage.sample('while-off') });
    await node.kubectl(['delete', 'pod', '-n', NAMESPACE, ...(await stage.pods())]);
    await stage.scale(0);
    const sent = await packets.read();
    log(`packets while off: ${JSON.stringify(sent)}`);
    assert.deepEqual(
      { ...sent, apiServer: 0 },
      { apiServer: 0, names: 0, endpoint: 0, elsewhere: 0 },
    );
    assert.deepEqual(await stage.numbers(), told);
  });

  it('becomes ready by kusk cluster install after helm uninstall, as the same installation', async () => {
    await stage.uninstall();
    const { image, endpoint, writeKey } = stage;
    const flags = ['--analytics=on', `--image=${image}`, '--replicas=2', '--timeout=2m'];
    const to = [`--endpoint=${endpoint}`, `--write-key=${writeKey}`];
    const { code, out, problem } = await stage.kusk(['cluster', 'install', ...flags, ...to]);
    log(`kusk cluster install: ${code}\n${problem}${out}`);
    assert.equal(code, 0);
    assert.equal((await stage.pods()).length, 2);
    const before = await stage.numbers();
    await stage.node.kubectl(['apply', '-f', '-'], { input: await stage.sample('by-kusk') });
    await eventually(async () => {
      const { total } = await stage.numbers();
      assert.equal(total.creations.API, before.total.creations.API + 1);
      assert.equal(total.clusterInstallations, 1);
    });
  });

  it('is reported by kusk with the reason where its image cannot be had, until that is mended', async () => {
    const upgrade = ['cluster', 'upgrade', '--timeout=30s'];
    const bad = await stage.kusk([...upgrade, '--image=registry.invalid/kusk:1']);
    log(`kusk cluster upgrade: ${bad.code}\n${bad.problem}`);
    assert.equal(bad.code, 4);
    assert.match(bad.problem, /ImagePull/);
    assert.equal((await stage.kusk([...upgrade, `--image=${stage.image}`])).code, 0);
  });

  it('leaves the ledger and the CRDs when kusk uninstalls it', async () => {
    const { code, problem } = await stage.kusk(['cluster', 'uninstall', '--yes']);
    assert.equal(code, 0, problem);
    const kinds = ['deployments', 'pods', 'services', 'serviceaccounts', 'configmaps', 'secrets'];
    const rights = ['roles', 'rolebindings', 'leases'];
    const { items } = await stage.get([[...kinds, ...rights].join()]);
    const names = items.map((item: { kind: string; metadata: { name: string } }) => {
      return `${item.kind}/${item.metadata.name}`;
    });
    assert.deepEqual(names.sort(), [
      'ConfigMap/kube-root-ca.crt',
      'ConfigMap/kusk-gateway-ledger',
      'ServiceAccount/default',
    ]);
    const crds = await stage.node.kubectl(['get', 'crds', '-o', 'name']);
    assert.equal(crds.trim().split('\n').length, 3);
  });

  it('leaves nothing behind', async () => {
    await stage.node.close();
    assert.deepEqual(remains(), []);
    log('closed');
  });
});

describe('a whole node whose owner is killed', { skip: problem ?? false }, () => {
  it('leaves nothing behind', async () => {
    const main = spawn(process.execPath, [join(ROOT, 'lab/node/main.ts')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface({ input: main.stdout }), 'line');
    const remains = remainsOf(JSON.parse(line));
    assert.notDeepEqual(remains(), []);
    main.kill('SIGKILL');
    await eventually(() => assert.deepEqual(remains(), []));
    log('killed, and gone');
  });
});
