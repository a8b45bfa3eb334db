import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { fakeTime } from '../../../lab/support/fake-time.ts';
import {
  CredentialsError,
  KubeStatusError,
  MalformedResponseError,
  MissingContextError,
} from '../../../src/cluster/errors.ts';
import { createDashboard } from '../../../src/dashboard/model/dashboard.ts';
import type { Installation } from '../../../src/dashboard/model/installation.ts';
import { KINDS } from '../../../src/event.ts';
import { clusterId, messageId } from '../../../src/record/events.ts';
import { firstLedger, type Ledger } from '../../../src/record/ledger.ts';
import { serializeLedger } from '../../../src/record/ledger-json.ts';
import { anObject, apiServer } from './api-server.ts';

const CLUSTER = clusterId('a-cluster');
const START = { createdAt: Date.parse('2026-11-23T11:00:00Z') / 1000, resourceVersion: '100' };
const INSTALLED: Installation = {
  operator: {
    name: 'kusk-gateway-manager',
    version: '1.2.3',
    owner: 'kusk',
    replicas: { wanted: 1, ready: 1 },
    elects: true,
  },
  elsewhere: undefined,
  switches: [{ name: 'enabled in ConfigMap kusk-gateway-opt-out', value: undefined }],
  unreadable: [],
  endpoint: 'https://api.segment.io/',
  hasWriteKey: true,
  commands: {
    off: [{ title: 'off', command: 'disable' }],
    on: [{ title: 'on', command: 'enable' }],
  },
};

const running: { readonly stop: () => Promise<void> }[] = [];
function setup(installation: Partial<Installation> = {}, error?: Error) {
  const clock = fakeTime();
  const server = apiServer();
  const installed = { is: { ...INSTALLED, ...installation } as Installation, error };
  const dashboard = createDashboard({
    request: server.request,
    cluster: {
      context: 'test',
      namespace: 'kusk-system',
      flags: { kusk: ' --context test', kubectl: ' --context test' },
    },
    server: () => server.state.address,
    async readInstallation() {
      if (installed.error) throw installed.error;
      return installed.is;
    },
    time: clock.time,
    random: () => 0.5,
  });
  const end = new AbortController();
  const run = dashboard.run(end.signal);
  running.push({
    async stop() {
      end.abort();
      await clock.pass(1_000);
      await run;
    },
  });
  return { clock, server, installed, dashboard, view: dashboard.view };
}

function ledger(fields: Partial<Ledger> = {}): string {
  return serializeLedger({ ...firstLedger(START), cluster: CLUSTER, ...fields });
}

const refused = (status: number) => new KubeStatusError(status);

describe('the view of a cluster', () => {
  afterEach(async () => {
    for (const { stop } of running.splice(0)) await stop();
  });

  it('says that nothing is known at first', () => {
    const { view } = setup();
    assert.equal(view().connection.state, 'connecting');
    assert.equal(view().telemetry.state, 'unknown');
    assert.equal(view().asOf, undefined);
    for (const kind of KINDS) assert.equal(view().kinds[kind].state, 'loading');
    const heartbeat = view().payloads.previews.find(({ entry }) => entry.name === 'heartbeat');
    assert.equal(heartbeat?.note, 'Zeros stand for the id of the cluster, which is not known.');
    assert.equal(view(), view());
  });

  it('has each resource with its fleet, hosts, messageId and verdict', async () => {
    const { clock, server, view } = setup();
    server.state.ledger = ledger();
    server.state.items.staticroutes = [
      anObject('r', {
        spec: { hosts: ['a.example', 'b.example'], fleet: { name: 'f', namespace: 'n' } },
      }),
    ];
    await clock.pass(3_000);
    const { rows, state, total } = view().kinds.StaticRoute;
    assert.deepEqual([state, total], ['listed', 1]);
    assert.deepEqual(rows, [
      {
        kind: 'StaticRoute',
        uid: 'r',
        name: 'name-r',
        namespace: 'default',
        createdAt: Date.parse('2026-11-23T12:00:00Z') / 1000,
        fleet: 'n/f',
        hosts: ['a.example', 'b.example'],
        paths: [],
        omitted: 0,
        verdict: { state: 'pending', why: 'The operator has not recorded it yet.' },
        messageId: messageId(CLUSTER, { name: 'static-route-created', subject: 'r' }),
      },
    ]);
  });

  it('has commands that check a messageId in its cluster', () => {
    const { dashboard } = setup();
    assert.match(
      dashboard.check({ kind: 'API', uid: 'u' }),
      /kubectl --context test get namespace/,
    );
  });

  it('follows creations, changes and deletions', async () => {
    const { clock, server, dashboard, view } = setup();
    await clock.pass(1_000);
    const { revision } = view();
    const changed = dashboard.changed(revision, new AbortController().signal);
    server.push('API', 'ADDED', anObject('a', { spec: { spec: 'paths:\n  /x: {}\n' } }));
    await clock.pass(10);
    await changed;
    assert.deepEqual(
      view().kinds.API.rows.map(({ paths }) => paths),
      [['/x']],
    );
    server.push('API', 'MODIFIED', anObject('a', { spec: { fleet: { name: 'other' } } }));
    await clock.pass(10);
    assert.deepEqual(
      view().kinds.API.rows.map(({ fleet }) => fleet),
      ['other'],
    );
    server.push('API', 'DELETED', anObject('a'));
    await clock.pass(10);
    assert.deepEqual(view().kinds.API.rows, []);
    assert.ok(view().revision > revision);
  });

  it('says that a kind is missing, and lists it when it appears', async () => {
    const { clock, server, view } = setup();
    server.state.plurals = { API: 'apis', EnvoyFleet: 'envoyfleet' };
    server.state.items.envoyfleet = [anObject('f')];
    await clock.pass(1_000);
    assert.equal(view().kinds.StaticRoute.state, 'missing');
    assert.match(view().kinds.StaticRoute.message, /no kind StaticRoute/);
    assert.equal(view().kinds.EnvoyFleet.rows.length, 1);
    server.state.plurals = { ...server.state.plurals, StaticRoute: 'staticroutes' };
    await clock.pass(6_000);
    assert.equal(view().kinds.StaticRoute.state, 'listed');
  });

  it('has one namespace where not all may be listed', async () => {
    const { clock, server, view } = setup();
    server.state.errors.push({ on: /v1alpha1\/apis\?/, error: refused(403) });
    server.state.items.apis = [anObject('a')];
    await clock.pass(1_000);
    const { state, namespace, message, rows } = view().kinds.API;
    assert.deepEqual([state, namespace, rows.length], ['listed', 'kusk-system', 1]);
    assert.match(message, /Only namespace kusk-system is shown/);
    const watched = server.requests.filter((request) => /apis\?watch/.test(request));
    assert.ok(watched.every((request) => request.includes('/namespaces/kusk-system/apis?')));
  });

  it('says that a kind may not be listed, and lists it when it may be', async () => {
    const { clock, server, view } = setup();
    server.state.errors.push({ on: /\/apis\?/, error: refused(403) });
    await clock.pass(1_000);
    assert.equal(view().kinds.API.state, 'denied');
    assert.match(view().kinds.API.message, /Ask an administrator/);
    assert.equal(view().connection.state, 'connected');
    server.state.errors.length = 0;
    await clock.pass(40_000);
    assert.equal(view().kinds.API.state, 'listed');
    assert.equal(view().kinds.API.namespace, undefined);
  });

  it('lists a kind again and again that may be listed and not watched', async () => {
    const { clock, server, view } = setup();
    server.state.errors.push({ on: /apis\?watch/, error: refused(403) });
    await clock.pass(1_000);
    assert.equal(view().kinds.API.state, 'listed');
    server.state.items.apis = [anObject('a')];
    await clock.pass(20_000);
    assert.equal(view().kinds.API.rows.length, 1);
    assert.equal(view().kinds.API.state, 'listed');
  });

  it('keeps what is known while the API server is away, and says since when', async () => {
    const { clock, server, view } = setup();
    server.state.items.apis = [anObject('a')];
    await clock.pass(3_000);
    const { asOf } = view();
    const refusal = Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
    server.state.errors.push({ on: /.*/, error: refusal });
    for (const watch of server.watches.values()) watch.destroy(refusal);
    await clock.pass(60_000);
    assert.equal(view().connection.state, 'away');
    assert.match(view().connection.problem ?? '', /ECONNREFUSED/);
    assert.equal(view().kinds.API.rows.length, 1);
    assert.ok((view().asOf ?? '') >= (asOf ?? '') && (view().asOf ?? '') < '2026-11-23T12:00:10Z');
    server.state.errors.length = 0;
    server.state.items.apis = [anObject('a'), anObject('b')];
    server.state.revision = 2_000;
    await clock.pass(15_000);
    assert.equal(view().connection.state, 'connected');
    server.push('API', 'ADDED', anObject('b'));
    await clock.pass(1_000);
    assert.equal(view().kinds.API.rows.length, 2);
  });

  for (const minutes of [1, 10]) {
    it(`is complete again within a second after ${minutes} min without an API server`, async () => {
      const { clock, server, installed, view } = setup();
      await clock.pass(3_000);
      const refusal = coded('ECONNREFUSED');
      server.state.errors.push({ on: /.*/, error: refusal });
      for (const watch of server.watches.values()) watch.destroy(refusal);
      await clock.pass(minutes * 60_000);
      const { state, since } = view().connection;
      assert.equal(state, 'away');
      assert.match(since, /^2026-11-23T12:00:03/);
      installed.is = { ...INSTALLED, switches: [{ name: 'a switch', value: 'false' }] };
      server.state.errors.length = 0;
      server.state.revision = 2_000;
      await clock.pass(1_000);
      assert.deepEqual([view().connection.state, view().telemetry.state], ['connected', 'off']);
    });
  }

  it('tries again soon what an API server does not serve yet when it is back', async () => {
    const { clock, server, view } = setup();
    await clock.pass(3_000);
    const away = { on: /.*/, error: coded('ECONNREFUSED') };
    server.state.errors.push(away);
    for (const watch of server.watches.values()) watch.destroy(away.error);
    await clock.pass(60_000);
    server.state.errors.splice(0, 1, { on: /configmaps/, error: refused(503) });
    await clock.pass(8_000);
    assert.equal(view().connection.state, 'partial');
    server.state.errors.length = 0;
    await clock.pass(1_000);
    assert.equal(view().connection.state, 'connected');
  });

  it('shows nothing of a cluster that was created again, under the same context', async () => {
    const { clock, server, view } = setup();
    Object.assign(server.state, { ledger: ledger(), ledgerRevision: '7' });
    server.state.items.apis = [anObject('a')];
    await clock.pass(3_000);
    assert.equal(view().telemetry.clusterId.value, CLUSTER);
    const refusal = coded('ECONNREFUSED');
    server.state.errors.push({ on: /.*/, error: refusal });
    for (const watch of server.watches.values()) watch.destroy(refusal);
    await clock.pass(60_000);
    const other = clusterId('another-cluster');
    server.state.ledger = ledger({ cluster: other });
    Object.assign(server.state, {
      uid: 'another-cluster',
      address: 'https://another',
      revision: 10,
    });
    server.state.items.apis = [anObject('b')];
    server.state.errors.length = 0;
    await clock.pass(4_000);
    const { telemetry, kinds, cluster } = view();
    assert.deepEqual([telemetry.clusterId.value, telemetry.ledger.state], [other, 'ok']);
    assert.deepEqual(
      kinds.API.rows.map(({ uid }) => uid),
      ['b'],
    );
    assert.deepEqual([kinds.API.state, cluster.server], ['listed', 'https://another']);
    server.push('API', 'ADDED', anObject('c'));
    await clock.pass(1_000);
    assert.equal(view().kinds.API.rows.length, 2);
  });

  it('goes on after the machine has slept', async () => {
    const { clock, server, view } = setup();
    await clock.pass(3_000);
    server.state.errors.push({ on: /.*/, error: coded('ETIMEDOUT') });
    for (const watch of server.watches.values()) watch.destroy(coded('ETIMEDOUT'));
    await clock.pause(180_000);
    await clock.pass(2_000);
    assert.equal(view().connection.state, 'away');
    assert.ok((view().asOf ?? '') < '2026-11-23T12:00:05Z', view().asOf);
    server.state.errors.length = 0;
    server.state.revision = 2_000;
    await clock.pass(1_100);
    assert.equal(view().connection.state, 'connected');
    assert.ok((view().asOf ?? '') > '2026-11-23T12:03:00Z', view().asOf);
  });

  it('opens watches again that an outage has left dead', async () => {
    const { clock, server, view } = setup();
    await clock.pass(3_000);
    const dead = server.watches.get('apis');
    const facts = /configmaps|leases|kube-system\?/;
    server.state.errors.push({ on: facts, error: coded('UND_ERR_HEADERS_TIMEOUT') });
    await clock.pass(20_000);
    assert.equal(view().connection.state, 'away');
    server.state.errors.length = 0;
    await clock.pass(15_000);
    assert.notEqual(server.watches.get('apis'), dead);
    server.push('API', 'ADDED', anObject('a'));
    await clock.pass(100);
    assert.equal(view().kinds.API.rows.length, 1);
  });

  it('says that the credentials are refused, and goes on when they are accepted', async () => {
    const { clock, server, view } = setup();
    await clock.pass(1_000);
    server.state.errors.push({ on: /.*/, error: refused(401) });
    await clock.pass(5_000);
    assert.equal(view().connection.state, 'denied');
    server.state.errors.length = 0;
    await clock.pass(30_000);
    assert.equal(view().connection.state, 'connected');
  });

  for (const { cause, state } of [
    { cause: refused(401), state: 'denied' },
    { cause: new CredentialsError('cannot be read', undefined), state: 'denied' },
    { cause: coded('ECONNREFUSED'), state: 'away' },
  ]) {
    it(`is ${state} if the kubeconfig has lost its context: ${cause.message}`, async () => {
      const { clock, server, view } = setup();
      await clock.pass(1_000);
      server.state.errors.push({ on: /.*/, error: new MissingContextError('it is gone', cause) });
      await clock.pass(5_000);
      assert.equal(view().connection.state, state);
      assert.match(view().connection.problem ?? '', /it is gone$/);
      assert.match(view().connection.advice ?? '', /when the kubeconfig has it again/);
      server.state.errors.length = 0;
      await clock.pass(30_000);
      assert.equal(view().connection.state, 'connected');
    });
  }

  it('sends nothing but one attempt at a time while the credentials are refused', async () => {
    const { clock, server, view } = setup();
    await clock.pass(1_000);
    server.state.errors.push({ on: /.*/, error: refused(401) });
    for (const watch of server.watches.values()) watch.destroy(coded('ECONNRESET'));
    await clock.pass(5_000);
    const before = server.requests.length;
    await clock.pass(600_000);
    const later = server.requests.slice(before);
    assert.deepEqual(
      later.filter((request) => request.includes('gateway.kusk.io')),
      [],
    );
    server.state.errors.length = 0;
    server.state.items.apis = [anObject('a')];
    server.state.revision = 2_000;
    await clock.pass(35_000);
    assert.equal(view().connection.state, 'connected');
    server.push('API', 'ADDED', anObject('b'));
    await clock.pass(1_000);
    assert.ok(view().kinds.API.rows.some(({ uid }) => uid === 'b'));
  });

  for (const status of [429, 500]) {
    it(`says that not all can be read while one request is answered ${status}`, async () => {
      const { clock, server, installed, view } = setup();
      await clock.pass(3_000);
      const before = view();
      assert.equal(before.connection.state, 'connected');
      server.state.errors.push({ on: /configmaps/, error: refused(status) });
      installed.is = { ...INSTALLED, switches: [{ name: 'a switch', value: 'false' }] };
      await clock.pass(15_000);
      const { connection, asOf } = view();
      assert.equal(connection.state, 'partial');
      assert.match(connection.problem ?? '', new RegExp(`answered ${status}`));
      assert.ok((asOf ?? '') < '2026-11-23T12:00:05Z', asOf);
      server.state.errors.length = 0;
      await clock.pass(15_000);
      assert.equal(view().connection.state, 'connected');
      assert.equal(view().telemetry.state, 'off');
      assert.ok((view().asOf ?? '') > '2026-11-23T12:00:20Z');
    });
  }

  it('says that not all can be read if it never could be', async () => {
    const malformed = new MalformedResponseError('sent no JSON');
    const { clock, installed, view } = setup({}, malformed);
    await clock.pass(20_000);
    const { connection, telemetry, asOf } = view();
    assert.deepEqual([connection.state, telemetry.state, asOf], ['partial', 'unknown', undefined]);
    assert.match(connection.problem ?? '', /sent no JSON/);
    installed.error = undefined;
    await clock.pass(12_000);
    assert.deepEqual([view().connection.state, view().telemetry.state], ['connected', 'on']);
  });

  it('lists again after a 410', async () => {
    const { clock, server, view } = setup();
    server.state.items.apis = [anObject('a'), anObject('b')];
    await clock.pass(1_000);
    server.state.items.apis = [anObject('b')];
    server.state.revision = 3_000;
    server.push('API', 'ERROR' as 'ADDED', { kind: 'Status', code: 410, reason: 'Expired' });
    await clock.pass(1_000);
    assert.deepEqual(
      view().kinds.API.rows.map(({ uid }) => uid),
      ['b'],
    );
  });

  it('changes only if something changes', async () => {
    const { clock, server, view } = setup();
    server.state.ledger = ledger();
    server.state.lease = { holderIdentity: 'a', renewTime: '2026-11-23T12:00:00.000000Z' };
    await clock.pass(5_000);
    const before = view();
    for (let second = 5; second < 60; second += 1) {
      const renewTime = `2026-11-23T12:00:${`${second}`.padStart(2, '0')}.000000Z`;
      server.state.lease = { holderIdentity: 'a', renewTime };
      await clock.pass(1_000);
    }
    assert.equal(view().revision, before.revision);
    assert.ok((view().asOf ?? '') > (before.asOf ?? ''));
    server.state.lease = { holderIdentity: 'b', renewTime: '2026-11-23T12:01:00.000000Z' };
    await clock.pass(3_000);
    assert.ok(view().revision > before.revision);
    assert.equal(view().telemetry.leader?.holder, 'b');
  });
});

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}
