import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { CONTROL_PLANE } from '../../lab/control-plane/boot.ts';
import { ensure } from '../../lab/control-plane/ensure.ts';
import { plainFile } from '../../lab/support/config-source.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { expectedMessageId } from '../../lab/support/expected.ts';
import { startFront } from '../../lab/support/front.ts';
import { kubeconfigVia } from '../../lab/support/kubeconfig-via.ts';
import { type Lab, startLab } from '../../lab/support/lab.ts';
import { type LedgerContent, ledgerAccess, pendingIn } from '../../lab/support/ledger.ts';
import { metric } from '../../lab/support/metrics.ts';
import type { Creation } from '../../lab/support/resources.ts';
import type { Site } from '../../lab/support/site.ts';
import { startOfSecond } from '../../lab/support/start-of-second.ts';
import { KINDS } from '../../src/event.ts';
import { aFile, start as startCollector } from '../collector/program.ts';
import { WRITE_KEY } from '../collector/setup.ts';
import { type RunningDashboard, startDashboard, storedIds } from './dashboard.ts';

const NAMESPACE = 'dash';
const ON = 'analytics: {enabled: true}\n';
const OFF = 'analytics: {enabled: false}\n';
let lab: Lab;
let site: Site;
let shown: RunningDashboard;

before(async () => {
  lab = await startLab({ namespaces: ['north', 'south'] });
  site = await lab.site(NAMESPACE);
  await lab.client.must('POST', `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`, DEPLOYMENT);
  shown = startDashboard(lab.cp.adminKubeconfig, NAMESPACE);
});
after(async () => {
  await shown[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
  await lab.close();
});

/** The operator is a process of the test. Its Deployment only shows how it would be installed. */
const LABELS = { app: 'kusk-gateway' };
const DEPLOYMENT = {
  metadata: { name: 'kusk-gateway-manager', labels: { 'app.kubernetes.io/version': '9.8.7' } },
  spec: {
    replicas: 0,
    selector: { matchLabels: LABELS },
    template: {
      metadata: { labels: LABELS },
      spec: {
        containers: [
          {
            name: 'manager',
            image: 'kusk-gateway',
            args: ['--config=/etc/kusk-gateway/config.yaml'],
            env: [
              {
                name: 'ANALYTICS_ENDPOINT',
                value: 'https://user:secret@collector.example/v1?key=1',
              },
            ],
          },
        ],
      },
    },
  },
};

/** Waits for the next second: creation times are whole seconds. */
async function nextSecond(): Promise<void> {
  const now = Math.floor(Date.now() / 1_000);
  await eventually(() => assert.ok(Math.floor(Date.now() / 1_000) > now + 1));
  await startOfSecond();
}

const rowOf = ({ uid }: Creation) => shown.rows().find((row) => row.uid === uid);

async function optOut(enabled: string): Promise<void> {
  const maps = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
  const name = 'kusk-gateway-opt-out';
  const { status } = await lab.client.send('PATCH', `${maps}/${name}`, { data: { enabled } });
  if (status === 404)
    await lab.client.must('POST', maps, { metadata: { name }, data: { enabled } });
}

describe('the view of a real cluster', () => {
  it('agrees with the store of the collector about 300 resources of mixed history', async (t) => {
    const file = aFile(t);
    const collector = await startCollector(t, { file });
    const config = plainFile(ON);
    t.after(() => config[Symbol.dispose]());
    const ledger = ledgerAccess(lab.client, NAMESPACE);
    const ledgerSays = (test: (content: LedgerContent) => void) =>
      eventually(async () => test((await ledger.content()) ?? {}));

    const old = await lab.users.createAll(lab.fresh(60));
    await eventually(() => assert.equal(shown.rows().length, 60));
    assert.ok(shown.rows().every(({ verdict }) => verdict.state === 'unknown'));
    await nextSecond();
    const operator = await site.start({
      endpoint: collector.url,
      args: ['--config', config.path],
      env: { ANALYTICS_WRITE_KEY: WRITE_KEY },
    });
    await operator.ready();
    /** Resolves once these are stored and the operator has received the responses. */
    const delivered = async (creations: readonly Creation[]) => {
      await eventually(() => assert.ok(has(file, creations)));
      // Not the ledger: it is written later, and the previous one has nothing pending either.
      await eventually(async () => assert.equal(await metric(operator, 'events_pending'), 0));
    };
    await nextSecond();
    const counted = await lab.users.createAll(lab.fresh(90));
    await nextSecond();
    const again = await Promise.all(counted.slice(0, 20).map(lab.users.recreate));
    await Promise.all(old.slice(0, 20).map((one, round) => lab.users.update(one, round)));
    await delivered([...counted, ...again]);

    await nextSecond();
    await optOut('false');
    config.write(OFF);
    await ledgerSays(({ consent }) => assert.equal(consent, 'off'));
    await eventually(() => assert.equal(shown.view().telemetry.state, 'off'));
    assert.match(shown.view().telemetry.decidedBy, /kusk-gateway-opt-out is "false"/);
    await nextSecond();
    const silent = await lab.users.createAll(lab.fresh(60));
    await Promise.all(counted.slice(20, 30).map((one, round) => lab.users.update(one, round)));

    await nextSecond();
    await optOut('true');
    config.write(ON);
    await ledgerSays(({ consent, kinds }) => {
      assert.equal(consent, 'on');
      const all = Object.values(kinds as Record<string, { readonly baseline: boolean }>);
      assert.ok(all.every(({ baseline }) => !baseline));
    });
    await nextSecond();
    const late = await lab.users.createAll(lab.fresh(60));
    await delivered(late);

    collector.child.kill('SIGSTOP');
    const waiting = await lab.users.createAll(lab.fresh(30));
    await ledgerSays((content) => assert.equal(pendingIn(content), 30));

    const expected: readonly (readonly [readonly Creation[], string])[] = [
      [old, 'not-counted'],
      [counted.slice(20), 'counted'],
      [again, 'counted'],
      [silent, 'not-counted'],
      [late, 'counted'],
      [waiting, 'pending'],
    ];
    await eventually(() => {
      assert.equal(shown.view().telemetry.pending.total, 30);
      assert.equal(shown.rows().length, 300);
    });
    const stored = storedIds(file);
    for (const [creations, state] of expected) {
      for (const creation of creations) {
        const id = expectedMessageId(lab.clusterId, creation);
        const { verdict, messageId } = rowOf(creation) ?? assert.fail();
        assert.equal(messageId, id);
        assert.equal(verdict.state, state, `${creation.timestamp}: ${verdict.why}`);
        assert.equal(stored.has(id), state === 'counted', verdict.why);
      }
    }
    const [one = assert.fail()] = late;
    const id = await byHand(shown.dashboard.check(rowOf(one) ?? assert.fail()));
    assert.equal(id, rowOf(one)?.messageId);

    collector.child.kill('SIGCONT');
    await eventually(() => {
      for (const creation of waiting) assert.equal(rowOf(creation)?.verdict.state, 'counted');
    });
    assert.ok(has(file, waiting));
    const { sent } = shown.view().payloads;
    assert.equal(sent.length, 20);
    for (const { body } of sent) assert.match(operator.output(), new RegExp(idIn(body)));
    const { telemetry } = shown.view();
    assert.equal(telemetry.clusterId.value, lab.clusterId);
    assert.equal(telemetry.endpoint, 'https://collector.example/v1');
    assert.equal(telemetry.install, 'recorded');
    await eventually(() => assert.equal(shown.view().telemetry.leader?.isCurrent, true));
    assert.equal(telemetry.operator?.version, '9.8.7');
    assert.equal(await byHand(telemetry.clusterId.command), lab.clusterId);
    assert.equal(await operator.stop(), 0);
    await collector.end('SIGKILL');
  });

  it('has a creation, a change and a deletion within a second', async (t) => {
    const tookMs: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const [name = assert.fail()] = lab.fresh(1);
      const creation = await lab.users.create(name);
      const at = performance.now();
      await waitFor(() => rowOf(creation) !== undefined);
      tookMs.push(performance.now() - at);
      await lab.users.remove(name);
      await waitFor(() => rowOf(creation) === undefined);
    }
    const median = tookMs.sort((a, b) => a - b)[2] ?? Number.NaN;
    t.diagnostic(`shown after ${tookMs.map(Math.round).join(', ')} ms`);
    assert.ok(median < 1_000, `${tookMs}`);
  });

  it('keeps what it knows while the API server is away, and goes on when it is back', async () => {
    const before = shown.rows().length;
    await lab.cp.stopApiServer('SIGKILL');
    await eventually(() => assert.equal(shown.view().connection.state, 'away'));
    assert.equal(shown.rows().length, before);
    await lab.cp.startApiServer();
    const created = await Promise.all(lab.fresh(3).map(lab.users.createSurely));
    await eventually(() => assert.ok(created.every(rowOf)));
    await eventually(() => assert.equal(shown.view().connection.state, 'connected'));
  });

  it('says that the API server stands still, and goes on after it', async () => {
    await lab.cp.pauseApiServer();
    await eventually(() => assert.equal(shown.view().connection.state, 'away'));
    await lab.cp.resumeApiServer();
    await eventually(() => assert.equal(shown.view().connection.state, 'connected'));
    const created = await lab.users.createAll(lab.fresh(3));
    await eventually(() => assert.ok(created.every(rowOf)));
  });

  it('lists again when its watches have expired', async () => {
    await lab.cp.expireWatches();
    const created = await Promise.all(lab.fresh(3).map(lab.users.createSurely));
    await eventually(() => assert.ok(created.every(rowOf)));
  });

  it('goes on when all its connections have gone dead, as after a sleep', async (t) => {
    await using front = await startFront({ target: lab.cp.server });
    const kubeconfig = await kubeconfigVia(lab.cp, {
      url: front.url.replace('http:', 'https:'),
      name: 'dash',
    });
    await using other = startDashboard(kubeconfig, NAMESPACE);
    await eventually(() => assert.equal(other.view().kinds.API.state, 'listed'));
    front.freeze();
    const at = performance.now();
    const created = await lab.users.createAll(lab.fresh(3));
    // Sooner than a silent watch is cut, after 90 s: an outage opens all watches again.
    await eventually(
      () => {
        const uids = new Set(other.rows().map(({ uid }) => uid));
        assert.ok(created.every(({ uid }) => uids.has(uid)));
      },
      { withinMs: 60_000 },
    );
    t.diagnostic(`after ${Math.round((performance.now() - at) / 1_000)} s`);
  });

  it('shows what a person may see who has rights in one namespace only', async () => {
    const kubeconfig = await readerKubeconfig('north');
    await using other = startDashboard(kubeconfig, 'north');
    await eventually(() => assert.equal(other.view().kinds.API.state, 'listed'));
    const { API, StaticRoute } = other.view().kinds;
    assert.equal(API.namespace, 'north');
    assert.ok(API.rows.length > 0);
    assert.ok(API.rows.every(({ namespace }) => namespace === 'north'));
    await eventually(() => assert.equal(other.view().kinds.StaticRoute.state, 'denied'));
    assert.deepEqual(StaticRoute.rows, []);
    await eventually(() => assert.equal(other.view().telemetry.ledger.state, 'denied'));
    assert.equal(other.view().telemetry.state, 'unknown');
    assert.equal(other.view().telemetry.endpoint, undefined);
    assert.ok(API.rows.every(({ messageId }) => messageId === undefined));
    assert.equal(other.view().connection.state, 'connected');
  });

  it('says that a token has expired, and goes on with the next one', async () => {
    await readerKubeconfig('south');
    const kubeconfig = join(lab.cp.folder, 'token.kubeconfig');
    await writeFile(kubeconfig, withToken('expired'));
    await using other = startDashboard(kubeconfig, 'south');
    await eventually(() => assert.equal(other.view().connection.state, 'denied'));
    await writeFile(kubeconfig, withToken(await tokenOf('south')));
    await eventually(() => assert.equal(other.view().kinds.API.state, 'listed'));
    assert.equal(other.view().connection.state, 'connected');
  });

  it('follows a kind that is deleted and comes again', async () => {
    const crd =
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/envoyfleets.gateway.kusk.io';
    await lab.client.must('DELETE', crd);
    await eventually(() => assert.equal(shown.view().kinds.EnvoyFleet.state, 'missing'));
    assert.deepEqual(shown.view().kinds.EnvoyFleet.rows, []);
    await lab.installCrds();
    await eventually(() => assert.equal(shown.view().kinds.EnvoyFleet.state, 'listed'));
    for (const kind of KINDS) assert.equal(shown.view().kinds[kind].state, 'listed');
  });
});

function has(file: string, creations: readonly Creation[]): boolean {
  const stored = storedIds(file);
  return creations.every((creation) => stored.has(expectedMessageId(lab.clusterId, creation)));
}

function idIn(body: string): string {
  return String((JSON.parse(body) as { readonly messageId: unknown }).messageId);
}

async function waitFor(test: () => boolean): Promise<void> {
  await eventually(() => assert.ok(test()), { everyMs: 5, withinMs: 30_000 });
}

/** Runs commands in a shell whose `kubectl` is the lab's. */
async function byHand(script: string): Promise<string> {
  const { kubectl } = await ensure(CONTROL_PLANE, { env: process.env, log: () => {} });
  const path = `${dirname(kubectl)}:${process.env.PATH}`;
  const env = { PATH: path, HOME: lab.cp.folder, KUBECONFIG: lab.cp.adminKubeconfig };
  const { stdout } = await promisify(execFile)('sh', ['-c', script], { env });
  return stdout.trim();
}

/** Writes the kubeconfig of an account that may list and watch APIs in its own namespace. */
async function readerKubeconfig(namespace: string): Promise<string> {
  const name = 'reader';
  await lab.client.must('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, {
    metadata: { name },
  });
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const rules = [{ apiGroups: ['gateway.kusk.io'], resources: ['apis'], verbs: ['list', 'watch'] }];
  await lab.client.must('POST', `${rbac}/roles`, { metadata: { name }, rules });
  await lab.client.must('POST', `${rbac}/rolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
  return await lab.cp.kubeconfigFor({ name, namespace });
}

async function tokenOf(namespace: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/reader/token`;
  const { object } = await lab.client.send('POST', path, { spec: { expirationSeconds: 3_600 } });
  return (object as unknown as { readonly status: { readonly token: string } }).status.token;
}

function withToken(token: string): string {
  const { server, caFile } = lab.cp;
  return JSON.stringify({
    'current-context': 'one',
    clusters: [{ name: 'one', cluster: { server, 'certificate-authority': caFile } }],
    users: [{ name: 'one', user: { token } }],
    contexts: [{ name: 'one', context: { cluster: 'one', user: 'one' } }],
  });
}
