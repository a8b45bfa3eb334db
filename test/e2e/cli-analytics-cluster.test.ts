import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { AnalyticsStatus } from '../../src/cli/commands/analytics-status.ts';
import { firstLedger, type Ledger, withdrawConsent } from '../../src/record/ledger.ts';
import { serializeLedger } from '../../src/record/ledger-json.ts';
import { type Call, type KuskLab, startKuskLab } from './kusk-cluster.ts';

const NS = 'kusk-system';
let lab: KuskLab;
before(async () => {
  lab = await startKuskLab();
});
after(() => lab.close());

async function cluster(call: Call = {}) {
  const { out, code, err } = await lab.kusk('analytics status -o json', call);
  assert.equal(code, 0, err);
  return (JSON.parse(out) as AnalyticsStatus).cluster;
}

async function writeLedger(ledger: Ledger): Promise<void> {
  const patch = { data: { 'ledger.json': serializeLedger(ledger) } };
  await lab.cp.kubectl([
    ...['patch', 'configmap', 'kusk-gateway-ledger', '-n', NS, '--type=merge', '-p'],
    JSON.stringify(patch),
  ]);
}

describe('kusk analytics with a cluster', () => {
  it('says that there is no operator', async () => {
    assert.partialDeepStrictEqual(await cluster(), { telemetry: 'none', namespace: NS });
    const { out, code, err } = await lab.kusk('analytics log --cluster');
    assert.deepEqual([out, code], ['', 0]);
    assert.match(err, /^There is no ledger in namespace kusk-system: /);
  });

  it('names an operator in another namespace instead of calling the cluster off', async () => {
    const early = await lab.kusk('analytics disable --cluster');
    assert.equal(early.code, 1, early.out);
    assert.match(early.err, /^kusk: namespace kusk-system does not exist, .*\n.*kubectl create/);
    await lab.createNamespace(NS);
    const none = await lab.kusk('analytics disable --cluster');
    assert.equal(none.code, 0, none.err);
    assert.match(none.out, /^Namespace kusk-system is opted out: [^.]*\. None runs there now\.\n$/);
    await lab.kusk('cluster install --no-wait -n elsewhere');
    for (const [command, said] of [
      ['disable', 'is opted out'],
      ['enable', 'is not opted out'],
    ]) {
      const { code, out, err } = await lab.kusk(`analytics ${command} --cluster`);
      assert.equal(code, 1, out);
      assert.ok(out.startsWith(`Namespace kusk-system ${said}`), out);
      assert.doesNotMatch(out, /Telemetry of the cluster/);
      const advice = `kusk analytics ${command} --cluster -n elsewhere`;
      assert.equal(err, `kusk: an operator runs in namespace elsewhere\n${advice}\n`);
    }
    const log = await lab.kusk('analytics log --cluster');
    const advice = 'kusk analytics log --cluster -n elsewhere';
    assert.equal(log.err, `kusk: an operator runs in namespace elsewhere\n${advice}\n`);
    assert.partialDeepStrictEqual(await cluster(), {
      telemetry: 'none',
      change: 'See:\n  kusk analytics status -n elsewhere',
    });

    const literal = '--from-literal=ANALYTICS_ENABLED=false';
    const map = ['configmap', 'kusk-gateway-manager', '-n', NS];
    await lab.cp.kubectl(['create', ...map, literal]);
    const still = await lab.kusk('analytics enable --cluster');
    assert.equal(still.code, 1, still.out);
    assert.equal(still.out, 'Namespace kusk-system is still opted out. No operator runs there.\n');
    assert.match(still.err, /^ANALYTICS_ENABLED in ConfigMap kusk-gateway-manager is "false"\n/);
    assert.match(still.err, /kusk: an operator runs in namespace elsewhere\n.* -n elsewhere\n$/);
    await lab.cp.kubectl(['delete', ...map]);
    const gone = await lab.kusk('cluster uninstall --yes -n elsewhere');
    assert.equal(gone.code, 0, gone.err);
  });

  it('shows an operator whose telemetry is on, and switches it off and on', async () => {
    await lab.kusk('cluster install --no-wait');
    assert.partialDeepStrictEqual(await cluster(), { telemetry: 'on', owner: 'kusk' });

    const off = await lab.kusk('analytics disable --cluster');
    assert.equal(off.code, 0, off.err);
    assert.match(
      off.out,
      /^Telemetry of the cluster is off \(namespace kusk-system\)\.\nA running/,
    );
    const optOut = await lab.client.must(
      'GET',
      `/api/v1/namespaces/${NS}/configmaps/kusk-gateway-opt-out`,
    );
    assert.partialDeepStrictEqual(optOut, { data: { enabled: 'false' } });
    assert.partialDeepStrictEqual(await cluster(), {
      telemetry: 'off',
      decidedBy: 'enabled in ConfigMap kusk-gateway-opt-out is "false"',
    });
    await lab.kusk('cluster upgrade --no-wait --analytics on');
    assert.partialDeepStrictEqual(await cluster(), { telemetry: 'off' });

    const on = await lab.kusk('analytics enable --cluster');
    assert.match(on.out, /^Telemetry of the cluster is on \(namespace kusk-system\)\.\n/, on.err);
    assert.partialDeepStrictEqual(await cluster(), { telemetry: 'on' });
  });

  it('says which operators are not switched off', async () => {
    await lab.kusk('cluster install --no-wait -n elsewhere');
    const { code, out, err } = await lab.kusk('analytics disable --cluster');
    assert.equal(code, 0, err);
    assert.match(out, /^Telemetry of namespace kusk-system is off\.\nA running/);
    assert.match(err, /elsewhere:\nkusk analytics disable --cluster -n elsewhere\n$/);
    await lab.kusk('cluster uninstall --yes -n elsewhere');
  });

  it('switches off, and not on, for an account that may not see what runs', async () => {
    const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NS}`;
    const [name, apiGroup] = ['officer', 'rbac.authorization.k8s.io'];
    const verbs = ['get', 'create', 'patch'];
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs }];
    await lab.client.must('POST', `${path}/roles`, { metadata: { name }, rules });
    await lab.client.must('POST', `${path}/rolebindings`, {
      metadata: { name },
      roleRef: { apiGroup, kind: 'Role', name },
      subjects: [{ apiGroup, kind: 'User', name }],
    });
    const kubeconfig = await lab.kubeconfigAs(name, { as: name });
    const off = await lab.kusk('analytics disable --cluster', { kubeconfig });
    assert.deepEqual(
      [off.code, off.err],
      [0, "Whether an operator runs there can't be read: your account may not see it.\n"],
    );
    assert.match(off.out, /^Namespace kusk-system is opted out\./);
    const on = await lab.kusk('analytics enable --cluster', { kubeconfig });
    assert.equal(on.code, 3, on.out);
    assert.partialDeepStrictEqual(await cluster(), { telemetry: 'off' });
    await lab.kusk('analytics enable --cluster');
  });

  it('writes over an opt-out that kubectl stored as binary, as it does a file in UTF-16', async () => {
    const binaryData = { enabled: Buffer.from('\ufefffalse\r\n', 'utf16le').toString('base64') };
    const optOut = ['configmap', 'kusk-gateway-opt-out', '-n', NS];
    const patch = JSON.stringify({ data: null, binaryData });
    await lab.cp.kubectl(['patch', ...optOut, '--type=merge', '-p', patch]);
    assert.partialDeepStrictEqual(await cluster(), {
      telemetry: 'off',
      decidedBy: "enabled in ConfigMap kusk-gateway-opt-out can't be understood",
    });
    const { out, err } = await lab.kusk('analytics enable --cluster');
    assert.match(out, /^Telemetry of the cluster is on /, err);
    await lab.cp.kubectl(['patch', ...optOut, '--type=merge', '-p', '{"immutable":true}']);
    assert.equal((await lab.kusk('analytics enable --cluster')).code, 0);
    const { code, err: refused } = await lab.kusk('analytics disable --cluster');
    assert.equal(code, 1);
    assert.equal(
      refused,
      "kusk: ConfigMap kusk-gateway-opt-out in namespace kusk-system is immutable: it can't be changed\nDelete it, and run this command again.\n",
    );
    await lab.cp.kubectl(['delete', ...optOut]);
  });

  it('turns on what kusk itself has installed off', async () => {
    await lab.kusk('cluster upgrade --no-wait --analytics off');
    assert.partialDeepStrictEqual(await cluster(), { telemetry: 'off' });
    const { out, err } = await lab.kusk('analytics enable --cluster');
    assert.match(out, /^Telemetry of the cluster is on /, err);
    assert.partialDeepStrictEqual(await cluster(), { telemetry: 'on' });
  });

  it('changes nothing of this machine with --cluster', async () => {
    const { out } = await lab.kusk('analytics status -o json');
    const { machine } = JSON.parse(out) as AnalyticsStatus;
    assert.equal(machine.id, null);
    const { code, err } = await lab.kusk('analytics disable --cluster --no-report');
    assert.equal(code, 2);
    assert.match(err, /^kusk: --no-report is for this machine/);
  });

  it("shows nothing of another cluster's ledger", async () => {
    const sent = [{ messageId: 'theirs' }];
    const first = firstLedger({ createdAt: 1, resourceVersion: '1' });
    await writeLedger({ ...first, sent, cluster: 'f'.repeat(64) });
    const { out, err, code } = await lab.kusk('analytics log --cluster');
    assert.deepEqual([out, code], ['', 1]);
    assert.match(err, /^kusk: the ledger belongs to another cluster, as after a restore\n/);
    assert.partialDeepStrictEqual(await cluster(), { id: null, since: null, pending: null });
  });

  it('prints what the operator has sent, and no control character of it', async () => {
    const sent = [{ messageId: 'm1' }, { messageId: '\u001b[31m\u009b' }];
    const ledger = { ...firstLedger({ createdAt: 1, resourceVersion: '1' }), sent };
    await writeLedger(ledger);
    const { out, err } = await lab.kusk('analytics log --cluster');
    assert.equal(out, '{"messageId":"m1"}\n{"messageId":"\\u001b[31m\\u009b"}\n', err);
    const { out: json } = await lab.kusk('analytics log --cluster -o json');
    assert.deepEqual(JSON.parse(json), sent);
  });

  it('announces a last event of an operator that has sent, and of no other', async () => {
    const { out } = await lab.kusk('analytics disable --cluster');
    assert.match(out, /one last event/);
    const ledger = firstLedger({ createdAt: 1, resourceVersion: '1' });
    await writeLedger(withdrawConsent(ledger, '2026-11-24T08:00:00.000Z'));
    const again = await lab.kusk('analytics disable --cluster');
    assert.match(again.out, /^Telemetry of the cluster is off .*\nA running operator follows/);
    assert.doesNotMatch(again.out, /event/);
  });

  it('says why a cluster can not be read', async () => {
    const elsewhere = await lab.kubeconfigTo({ server: 'http://127.0.0.1:9' });
    const status = await cluster({ kubeconfig: elsewhere });
    assert.equal(status?.telemetry, 'unknown');
    assert.match(String(status?.decidedBy), /^the API server .* cannot be reached: /);
    const named = await lab.kusk(`analytics status --kubeconfig ${elsewhere}`);
    assert.equal(named.code, 3);
    assert.match(named.out, /telemetry {3}unknown/);
    for (const command of ['disable', 'enable', 'log']) {
      const { code } = await lab.kusk(`analytics ${command} --cluster --kubeconfig ${elsewhere}`);
      assert.equal(code, 3, command);
    }
  });
});
