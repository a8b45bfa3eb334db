import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../../lab/support/eventually.ts';
import type { KubeObject } from '../../lab/support/kube-client.ts';
import manifest from '../../package.json' with { type: 'json' };
import { type KuskLab, startKuskLab } from './kusk-cluster.ts';

const NS = 'kusk-system';
const SILENT = { ANALYTICS_ENABLED: 'false' };
const LEDGER = 'configmaps kusk-gateway-ledger';
const DEPLOYMENT = 'deployments kusk-gateway-manager';
const ROLE = (name: string) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: {
    name,
    namespace: NS,
    labels: { 'app.kubernetes.io/instance': 'kusk-gateway-telemetry' },
  },
  rules: [],
});

/** What an upgrade finds in the cluster, in its flags and on the machine. */
const COMBINATIONS = (['on', 'off'] as const).flatMap((cluster) =>
  ['', '--analytics on', '--analytics off'].flatMap((flag) =>
    [{}, SILENT].map((env) => ({
      cluster,
      flag,
      env,
      expected: flag === '' ? cluster : flag.replace('--analytics ', ''),
    })),
  ),
);

let lab: KuskLab;
before(async () => {
  lab = await startKuskLab();
});
after(() => lab.close());

interface Container {
  readonly image: string;
  readonly env: readonly { readonly name: string; readonly value?: string }[];
}

async function containerIn(namespace: string): Promise<Container> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/kusk-gateway-manager`;
  const spec = (await lab.client.must('GET', path)).spec as unknown as {
    readonly template: { readonly spec: { readonly containers: readonly Container[] } };
  };
  const [container] = spec.template.spec.containers;
  assert.ok(container);
  return container;
}

async function isOn(namespace: string): Promise<boolean> {
  return !(await containerIn(namespace)).env.some(({ name }) => name === 'ANALYTICS_ENABLED');
}

/** Leaves of an object what its manifest says, with another namespace in it. */
function manifestOf(object: KubeObject, namespace: string): unknown {
  const { status: _status, ...rest } = object as KubeObject & { readonly status?: unknown };
  const own = ['uid', 'resourceVersion', 'creationTimestamp', 'generation', 'managedFields'];
  const metadata = Object.fromEntries(
    Object.entries(rest.metadata).filter(([name]) => !own.includes(name)),
  );
  const text = JSON.stringify({ ...rest, metadata })
    .replaceAll(namespace, 'NAMESPACE')
    .replaceAll(/"kubectl.kubernetes.io\/last-applied-configuration":"(?:[^"\\]|\\.)*",?/g, '')
    .replaceAll(
      /"(clusterIP|clusterIPs|deployment.kubernetes.io\/revision)":(\[[^\]]*\]|"[^"]*"),?/g,
      '',
    )
    .replaceAll(/,}/g, '}')
    .replaceAll(/"annotations":{},?/g, '')
    .replaceAll(/,}/g, '}');
  return JSON.parse(text);
}

describe('kusk cluster install', () => {
  it('is ready to be run in an empty cluster, as check --pre says', async () => {
    const checked = await lab.kusk('cluster check --pre');
    assert.equal(checked.code, 0, checked.out);
    assert.match(checked.out, /^ok +rights +may create, change and delete all 14 objects$/m);
    assert.equal((await lab.kusk('cluster check')).code, 1);
  });

  it('changes nothing with --dry-run', async () => {
    const { code, out } = await lab.kusk('cluster install --dry-run');
    assert.equal(code, 0);
    assert.match(out, /^create +Deployment kusk-system\/kusk-gateway-manager$/m);
    assert.equal((await lab.objects(NS)).size, 0);
  });

  it('installs everything and waits until the operator is ready', async () => {
    await lab.createNamespace(NS, { 'pod-security.kubernetes.io/enforce': 'restricted' });
    lab.pods(NS, 'ready');
    const { code, out, err } = await lab.kusk('cluster install');
    assert.equal(code, 0, err);
    const said = `Installed: the operator ${manifest.version} in namespace kusk-system is ready.\n`;
    assert.ok(out.startsWith(said) || out.includes(`\n${said}`), out);
    assert.match(out, /^Telemetry is ON: /m);
    assert.equal((await lab.kusk('cluster check')).code, 0);
  });

  it('changes nothing the second time', async () => {
    await lab.settled(NS);
    const before = await lab.versions(NS);
    const { code, out } = await lab.kusk('cluster install -o json');
    assert.equal(code, 0);
    const report = JSON.parse(out) as { readonly changes: readonly { readonly action: string }[] };
    assert.deepEqual([...new Set(report.changes.map(({ action }) => action))], ['unchanged']);
    assert.deepEqual(await lab.versions(NS), before);
  });

  it('applies what --export prints', async () => {
    const { out, code } = await lab.kusk('cluster install --export -n exported', {
      kubeconfig: '/nonexistent',
    });
    assert.equal(code, 0);
    await lab.cp.kubectl(['apply', '-f', '-'], { input: out });
    const [installed, exported] = await Promise.all([lab.objects(NS), lab.objects('exported')]);
    const manifests = (all: ReadonlyMap<string, KubeObject>, namespace: string) =>
      Object.fromEntries(
        [...all].map(([key, one]) => [
          key.replace(`${namespace}:`, ''),
          manifestOf(one, namespace),
        ]),
      );
    assert.deepEqual(manifests(exported, 'exported'), manifests(installed, NS));
  });
});

describe('kusk cluster upgrade', () => {
  it('deletes what an older kusk applied and this one does not, and nothing else', async () => {
    const input = JSON.stringify(ROLE('of-an-older-kusk'));
    await lab.cp.kubectl(['apply', '--server-side', '--field-manager=kusk', '-f', '-'], { input });
    await lab.cp.kubectl(['apply', '-f', '-'], { input: JSON.stringify(ROLE('of-a-person')) });
    const { code, err } = await lab.kusk('cluster upgrade --no-wait');
    assert.equal(code, 0, err);
    const names = [...(await lab.objects(NS)).keys()];
    assert.ok(!names.includes('roles of-an-older-kusk'));
    assert.ok(names.includes('roles of-a-person'));
    await lab.cp.kubectl(['delete', 'role', 'of-a-person', '-n', NS]);
  });

  for (const { cluster, flag, env, expected } of COMBINATIONS) {
    const machine = 'ANALYTICS_ENABLED' in env ? 'off' : 'on';
    it(`leaves telemetry ${expected}: cluster ${cluster}, flag "${flag}", machine ${machine}`, async () => {
      if ((await isOn(NS)) !== (cluster === 'on')) {
        await lab.kusk(`cluster upgrade --no-wait --analytics ${cluster}`);
      }
      const { code, err } = await lab.kusk(`cluster upgrade --no-wait ${flag}`.trim(), { env });
      assert.equal(code, 0, err);
      assert.equal(await isOn(NS), expected === 'on');
    });
  }

  it('deletes the rights that are needed only for telemetry, and brings them back', async () => {
    const right = `clusterroles ${NS}:kusk-gateway-manager`;
    for (const state of ['off', 'on']) {
      await lab.kusk(`cluster upgrade --no-wait --analytics ${state}`);
      assert.equal((await lab.objects(NS)).has(right), state === 'on');
    }
  });

  it('keeps an off that a person wrote over its own', async () => {
    await lab.kusk('cluster upgrade --no-wait --analytics off');
    const patch = '{"data":{"ANALYTICS_ENABLED":"no"}}';
    await lab.cp.kubectl(['patch', 'cm', 'kusk-gateway-manager', '-n', NS, '-p', patch]);
    const { code, out } = await lab.kusk('cluster upgrade --no-wait --analytics on');
    assert.equal(code, 0);
    assert.match(out, /^Telemetry is OFF: ANALYTICS_ENABLED in ConfigMap .* is "no"\.$/m);
    const { data } = (await lab.objects(NS)).get('configmaps kusk-gateway-manager') ?? {};
    assert.deepEqual(data, { ANALYTICS_ENABLED: 'no' });
    await lab.cp.kubectl(['delete', 'configmap', 'kusk-gateway-manager', '-n', NS]);
  });

  it('keeps all that a person wrote, also what it would write itself, and says so', async () => {
    await lab.kusk('cluster upgrade --no-wait --analytics on');
    const file = 'analytics: {endpoint: "https://c.example", reportOptOut: false}';
    const written = { ANALYTICS_ENABLED: 'false', 'config.yaml': file };
    const literals = Object.entries(written).map(([key, text]) => `--from-literal=${key}=${text}`);
    await lab.cp.kubectl(['create', 'configmap', 'kusk-gateway-manager', '-n', NS, ...literals]);
    for (const [flag, becomesOn] of [
      ['', true],
      ['--analytics off', false],
      ['--analytics on', true],
    ] as const) {
      const { code, out, err } = await lab.kusk(`cluster upgrade --no-wait ${flag}`.trim());
      assert.equal(code, 0, err);
      assert.equal(await isOn(NS), becomesOn);
      if (becomesOn) {
        assert.match(
          out,
          /^Telemetry is OFF: ANALYTICS_ENABLED in ConfigMap kusk-gateway-manager is\s"false"\.$/m,
        );
      }
      const { data } = (await lab.objects(NS)).get('configmaps kusk-gateway-manager') ?? {};
      assert.deepEqual(data, written);
    }
    await lab.cp.kubectl(['delete', 'configmap', 'kusk-gateway-manager', '-n', NS]);
  });

  it('keeps an off that a person set in the Deployment, as it is spelt', async () => {
    const set = ['set', 'env', 'deployment/kusk-gateway-manager', '-n', NS];
    await lab.cp.kubectl([...set, 'ANALYTICS_ENABLED=off']);
    for (const flag of ['', '--analytics on']) {
      const { code, out, err } = await lab.kusk(`cluster upgrade --no-wait ${flag}`.trim());
      assert.equal(code, 0, err);
      assert.match(out, /^Telemetry is OFF: /m);
      const { env } = await containerIn(NS);
      assert.equal(env.find(({ name }) => name === 'ANALYTICS_ENABLED')?.value, 'off');
    }
    await lab.cp.kubectl([...set, 'ANALYTICS_ENABLED-']);
  });

  it('shows each field that others have set, and overwrites it only with the flag', async () => {
    await lab.cp.kubectl([
      'set',
      'env',
      `deployment/kusk-gateway-manager`,
      'LOG_LEVEL=debug',
      '-n',
      NS,
    ]);
    const before = await lab.versions(NS);
    const refused = await lab.kusk('cluster upgrade --no-wait');
    assert.equal(refused.code, 1);
    assert.match(
      refused.err,
      /env\[name="LOG_LEVEL"\]\.value\n {4}kubectl-set has set "debug", kusk would set "info"/,
    );
    const { [DEPLOYMENT]: _before, ...others } = before;
    const { [DEPLOYMENT]: _after, ...othersAfter } = await lab.versions(NS);
    assert.deepEqual(othersAfter, others);
    assert.equal((await lab.kusk('cluster upgrade --no-wait --force-conflicts')).code, 0);
    const { env } = await containerIn(NS);
    assert.equal(env.find(({ name }) => name === 'LOG_LEVEL')?.value, 'info');
  });

  it('keeps image, endpoint, replicas and write key, and hides the key', async () => {
    const flags = '--image a.example/b:1 --replicas 2 --endpoint https://c.example --write-key KEY';
    const first = await lab.kusk(`cluster upgrade --no-wait ${flags}`);
    await lab.settled(NS);
    const before = await lab.versions(NS);
    const second = await lab.kusk('cluster upgrade --no-wait');
    const third = await lab.kusk('cluster upgrade --dry-run --write-key OTHER');
    assert.deepEqual([first.code, second.code, third.code], [0, 0, 0], first.err + third.err);
    assert.deepEqual(await lab.versions(NS), before);
    assert.match(third.out, /change +Secret/);
    const kept = 'The image stays a.example/b:1, as it was set. --image names another.\n';
    assert.ok(second.err.includes(kept), second.err);
    assert.match(
      second.out,
      /^Nothing had to be changed: the operator in namespace kusk-system is/,
    );
    assert.doesNotMatch(first.err, /stays/);
    const said = [first, second, third].map(({ out, err }) => out + err).join('');
    assert.doesNotMatch(said, /\bKEY\b|OTHER|S0VZ|T1RIRVI/);
  });

  it('says why the operator is not ready in time, and goes on from there', async () => {
    lab.pods(NS, 'ImagePullBackOff');
    await lab.kusk('cluster upgrade --no-wait --image nowhere:1');
    await eventually(async () => {
      const pods = await lab.list(`api/v1/namespaces/${NS}/pods`);
      assert.match(JSON.stringify(pods), /ImagePullBackOff/);
    });
    const late = await lab.kusk('cluster upgrade --image nowhere:1 --timeout 1s');
    assert.equal(late.code, 4);
    assert.match(late.err, /^kusk: the operator is not ready: ImagePullBackOff: /m);
    assert.match(late.err, /^Push the image to a registry/m);
    const child = spawn(process.execPath, [lab.program, 'cluster', 'upgrade'], {
      env: { PATH: process.env.PATH, HOME: lab.cp.folder, KUBECONFIG: lab.cp.adminKubeconfig },
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (!child.killed && said.includes('Waiting: ')) child.kill('SIGINT');
    });
    const [code] = await once(child, 'close');
    assert.equal(code, 1);
    assert.match(said, /^kusk: interrupted\nWhat is done stays\./m);
    lab.pods(NS, 'ready');
    const { code: again, err } = await lab.kusk('cluster upgrade --image somewhere:1');
    assert.equal(again, 0, err);
  });
});

describe('kusk cluster uninstall', () => {
  it('does not go on without a terminal and without --yes', async () => {
    const { code, err } = await lab.kusk('cluster uninstall');
    assert.equal(code, 2);
    assert.match(err, /--yes/);
    assert.ok((await lab.objects(NS)).has(DEPLOYMENT));
  });

  it('keeps namespace, CRDs, ledger and opt-out; a next install has the same ledger', async () => {
    await lab.cp.kubectl([
      'create',
      'configmap',
      'kusk-gateway-opt-out',
      '-n',
      NS,
      '--from-literal=enabled=false',
    ]);
    const uid = (await lab.objects(NS)).get(LEDGER)?.metadata.uid;
    const { code, err } = await lab.kusk('cluster uninstall --yes');
    assert.equal(code, 0, err);
    const left = [...(await lab.objects(NS)).keys()];
    assert.deepEqual(left, [
      LEDGER,
      'configmaps kusk-gateway-opt-out',
      'customresourcedefinitions apis.gateway.kusk.io',
      'customresourcedefinitions envoyfleets.gateway.kusk.io',
      'customresourcedefinitions staticroutes.gateway.kusk.io',
    ]);
    const { out } = await lab.kusk('cluster install');
    assert.match(
      out,
      /^Telemetry is OFF: enabled in ConfigMap kusk-gateway-opt-out is "false"\.$/m,
    );
    assert.equal((await lab.objects(NS)).get(LEDGER)?.metadata.uid, uid);
  });

  it('says what will be lost with the CRDs, and deletes them and the ledger with the flags', async () => {
    const api = {
      apiVersion: 'gateway.kusk.io/v1alpha1',
      kind: 'API',
      metadata: { name: 'one', namespace: NS },
      spec: { spec: 'openapi: 3.0.0' },
    };
    await lab.cp.kubectl(['apply', '-f', '-'], { input: JSON.stringify(api) });
    const { code, err } = await lab.kusk('cluster uninstall -y --delete-crds --delete-ledger');
    assert.equal(code, 0, err);
    assert.match(err, /1 API, 0 EnvoyFleets, 0 StaticRoutes/);
    assert.deepEqual([...(await lab.objects(NS)).keys()], ['configmaps kusk-gateway-opt-out']);
    assert.equal((await lab.kusk('cluster uninstall -y')).code, 0);
  });

  it('is followed by a silent install: ANALYTICS_ENABLED=false', async () => {
    const { code, out } = await lab.kusk('cluster install --no-wait', { env: SILENT });
    assert.equal(code, 0);
    assert.match(out, /^Telemetry is OFF: /m);
    assert.equal(await isOn(NS), false);
  });
});
