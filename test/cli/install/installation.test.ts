import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeTime } from '../../../lab/support/fake-time.ts';
import { jsonBody } from '../../../lab/support/json-body.ts';
import { installationReader } from '../../../src/cli/install/installation.ts';
import { type KubeObject, objectPath, refOf } from '../../../src/cli/install/kube-object.ts';
import type { Deployment } from '../../../src/cli/install/object-settings.ts';
import type { KubeRequest } from '../../../src/cluster/connect.ts';
import { KubeStatusError } from '../../../src/cluster/errors.ts';
import { anObject, BY_KUBECTL, installed, NAMESPACE, withSidecar } from './fixtures.ts';

/** Reads an installation of these objects. Paths that match `denied` are refused. */
async function read(
  objects: readonly KubeObject[],
  denied = /(?!)/,
  others: readonly KubeObject[] = [],
) {
  const byPath = new Map(objects.map((object) => [objectPath(refOf(object)), object]));
  const request = (async (path: string) => {
    if (denied.test(path)) throw new KubeStatusError(403);
    if (path.includes('/deployments?')) return { body: jsonBody({ items: others }) };
    if (path.endsWith('/deployments')) {
      return { body: jsonBody({ items: objects.filter(({ kind }) => kind === 'Deployment') }) };
    }
    const found = byPath.get(path);
    if (found === undefined) throw new KubeStatusError(404);
    return { body: jsonBody(found) };
  }) as unknown as KubeRequest;
  return await reading(request);
}

function reading(request: KubeRequest) {
  const options = { flags: {}, time: fakeTime().time };
  return installationReader(NAMESPACE, options)(request, new AbortController().signal);
}

const optOut = anObject({
  kind: 'ConfigMap',
  name: 'kusk-gateway-opt-out',
  rest: { data: { enabled: 'false' } },
});

describe('an installation', () => {
  it('has its operator, its switches and the commands that change them', async () => {
    const found = await read([...installed({ writeKey: 'secret' }), optOut]);
    assert.equal(found.operator?.name, 'kusk-gateway-manager');
    assert.equal(found.operator?.owner, 'kusk');
    assert.match(found.operator?.version ?? '', /^\d+\.\d+\.\d+/);
    assert.deepEqual(found.operator?.replicas, { wanted: 1, ready: 0 });
    assert.deepEqual(found.switches[0], {
      name: 'enabled in ConfigMap kusk-gateway-opt-out',
      value: 'false',
      place: { kind: 'opt-out' },
    });
    assert.equal(found.hasWriteKey, true);
    assert.equal(found.endpoint, 'https://api.segment.io/');
    assert.deepEqual(found.unreadable, []);
    assert.deepEqual(
      found.commands.off.map(({ command }) => command),
      [
        'kusk analytics disable --cluster',
        'kubectl -n kusk-system create configmap kusk-gateway-opt-out --from-literal=enabled=false --dry-run=client -o yaml | kubectl apply --server-side --force-conflicts -f -',
      ],
    );
    assert.ok(!JSON.stringify(found).includes('secret'), 'the write key is not shown');
  });

  it('has the variables of the operator’s container, also behind a sidecar', async () => {
    const objects = installed({ analytics: false, endpoint: 'https://c.example' });
    const { switches, endpoint } = await read(withSidecar(objects));
    assert.deepEqual(
      [switches.map(({ name }) => name).includes('ANALYTICS_ENABLED of the Deployment'), endpoint],
      [true, 'https://c.example/'],
    );
  });

  it('may be of another tool, which has a command of its own', async () => {
    const objects = installed({}, [BY_KUBECTL]).map((object) => {
      const annotations = {
        'meta.helm.sh/release-name': 'my release',
        'meta.helm.sh/release-namespace': NAMESPACE,
      };
      return { ...object, metadata: { ...object.metadata, annotations } };
    });
    const { operator, commands } = await read(objects);
    assert.equal(operator?.owner, 'Helm release my release');
    assert.match(
      commands.on[1]?.command ?? '',
      /^helm upgrade 'my release' .*analytics.enabled=true$/,
    );
  });

  it('has the endpoint and the write key of the configuration file', async () => {
    const text = 'analytics: {endpoint: "https://me:secret@x.example/y", writeKey: secret}';
    const data = { 'config.yaml': text };
    const map = anObject({ kind: 'ConfigMap', name: 'kusk-gateway-manager', rest: { data } });
    const found = await read([...installed(), map]);
    assert.deepEqual([found.endpoint, found.hasWriteKey], ['https://x.example/y', true]);
    assert.ok(!JSON.stringify(found).includes('secret'), 'the write key is not shown');
  });

  it('shows its endpoint without user, password and query', async () => {
    const { endpoint } = await read(installed({ endpoint: 'https://me:secret@x.example/y?key=1' }));
    assert.equal(endpoint, 'https://x.example/y');
  });

  it('may not be there', async () => {
    const found = await read([]);
    assert.equal(found.operator, undefined);
    assert.equal(found.elsewhere, undefined);
    assert.equal(found.endpoint, undefined);
    assert.deepEqual(found.unreadable, []);
  });

  it('may be in another namespace', async () => {
    const others = installed()
      .filter(({ kind }) => kind === 'Deployment')
      .map((one) => ({ ...one, metadata: { ...one.metadata, namespace: 'gateway' } }));
    const { elsewhere } = await read([], /(?!)/, others);
    assert.equal(elsewhere?.text, 'an operator runs in namespace gateway');
    assert.deepEqual(
      elsewhere?.commands.map(({ command }) => command),
      ['kusk dashboard -n gateway'],
    );
    assert.equal((await read(installed(), /(?!)/, others)).elsewhere, undefined);
  });

  it('may be in another namespace for all that the account can read', async () => {
    const { elsewhere, unreadable } = await read([], /deployments\?/);
    assert.equal(elsewhere?.text, 'you may not list Deployments in all namespaces');
    assert.deepEqual(unreadable, []);
    assert.equal((await read([], /deployments/)).elsewhere, undefined);
  });

  const denials = [
    { title: 'its Deployments', denied: /deployments/, says: /You may not list Deployments/ },
    {
      title: 'its opt-out',
      denied: /opt-out/,
      says: /You may not read ConfigMap kusk-gateway-opt-out, which may switch telemetry off/,
    },
  ];
  for (const { title, denied, says } of denials) {
    it(`says that ${title} may not be read`, async () => {
      const { unreadable } = await read([...installed(), optOut], denied);
      assert.equal(unreadable.length, 1);
      assert.match(unreadable[0] ?? '', says);
    });
  }

  it('says that a switch can’t be read that only a pod has', async () => {
    const fieldRef = { fieldPath: "metadata.annotations['telemetry']" };
    const objects = withVariable('DO_NOT_TRACK', { valueFrom: { fieldRef } });
    assert.deepEqual((await read(objects)).unreadable, [
      "DO_NOT_TRACK of the Deployment can't be read from outside a pod: what it says does not show here.",
    ]);
  });

  const withElection = (variable: Readonly<Record<string, unknown>>) =>
    withVariable('ENABLE_LEADER_ELECTION', variable);

  /** The objects of an installation whose operator has this variable. */
  function withVariable(
    name: string,
    variable: Readonly<Record<string, unknown>>,
  ): readonly KubeObject[] {
    return installed().map((object) => {
      if (object.kind !== 'Deployment') return object;
      const changed = structuredClone(object) as Deployment;
      const env = [{ name, ...variable }];
      Object.assign(changed.spec.template.spec.containers[0] ?? {}, { env });
      return changed;
    });
  }

  for (const [value, elects] of [
    ['true', true],
    ['', true],
    [' False ', false],
    ['0', false],
  ] as const) {
    it(`has an operator that ${elects ? 'elects a leader' : 'needs no leader'}: "${value}"`, async () => {
      const { operator } = await read(withElection({ value }));
      assert.equal(operator?.elects, elects);
    });
  }

  it('says nothing of a variable that decides nothing and may not be read', async () => {
    const valueFrom = { configMapKeyRef: { name: 'other', key: 'elects' } };
    const { operator, unreadable } = await read(withElection({ valueFrom }), /configmaps\/other$/);
    assert.deepEqual([operator?.elects, unreadable], [true, []]);
  });

  it('rejects with any other error', async () => {
    const request = (async () => {
      throw new KubeStatusError(503);
    }) as unknown as KubeRequest;
    await assert.rejects(reading(request), /503/);
  });
});
