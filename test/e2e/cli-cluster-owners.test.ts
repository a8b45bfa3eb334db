import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { KubeObject } from '../../lab/support/kube-client.ts';
import { ROOT } from '../../lab/support/root.ts';
import manifest from '../../package.json' with { type: 'json' };
import { CHART, helmOf, VERSIONS } from '../charts/helm.ts';
import { type KuskLab, startKuskLab } from './kusk-cluster.ts';

const NS = 'kusk-system';
const COMMANDS = ['install', 'upgrade', 'uninstall'] as const;

let lab: KuskLab;
before(async () => {
  lab = await startKuskLab();
});
after(() => lab.close());

interface Managed extends KubeObject {
  readonly metadata: KubeObject['metadata'] & {
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields: readonly { readonly manager: string; readonly subresource?: string }[];
  };
}

/** Returns who manages fields of an object, but for its status. */
function managersOf(object: KubeObject | undefined): readonly string[] {
  const { managedFields } = (object as Managed).metadata;
  return managedFields.filter((one) => one.subresource === undefined).map((one) => one.manager);
}

describe('an account with too few rights', () => {
  it('changes nothing, and sees which rights it lacks', async () => {
    const kubeconfig = await lab.kubeconfigAs('jane', { as: 'jane', 'as-groups': ['devs'] });
    const { code, err } = await lab.kusk('cluster install', { kubeconfig });
    assert.equal(code, 3);
    assert.match(err, /^kusk: your account lacks these rights, and nothing was changed:$/m);
    assert.match(err, /^ {2}create ClusterRole kusk-system:kusk-gateway-manager$/m);
    assert.equal((await lab.objects(NS)).size, 0);
    const checked = await lab.kusk('cluster check --pre', { kubeconfig });
    assert.equal(checked.code, 1);
    assert.match(
      checked.out,
      /^failed +rights +Deployment kusk-system\/kusk-gateway-manager: may not$/m,
    );
    assert.match(checked.out, /^ok +API server/m);
  });

  it('as an admin of one namespace lacks those of the cluster', async () => {
    await lab.createNamespace('one');
    await lab.client.must(
      'POST',
      '/apis/rbac.authorization.k8s.io/v1/namespaces/one/rolebindings',
      {
        metadata: { name: 'admin' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'joe' }],
      },
    );
    const kubeconfig = await lab.kubeconfigAs('joe', { as: 'joe' });
    const { code, err } = await lab.kusk('cluster install -n one', { kubeconfig });
    assert.equal(code, 3);
    assert.match(err, /^ {2}create ClusterRole one:kusk-gateway-manager$/m);
    assert.doesNotMatch(err, /Deployment/);
    const left = [...(await lab.objects('one')).keys()];
    assert.deepEqual(left, ['rolebindings admin']);
  });
});

describe('a cluster that cannot be reached', () => {
  const cases = [
    { title: 'nobody listens', cluster: { server: 'https://127.0.0.1:1' }, says: /ECONNREFUSED/ },
    {
      title: 'the name has control characters',
      cluster: { server: 'https://127.0.0.1:1/\u001b[31m' },
      says: /ECONNREFUSED/,
    },
  ];
  for (const { title, cluster, says } of cases) {
    it(`is exit code 3 with what to do: ${title}`, async () => {
      const kubeconfig = await lab.kubeconfigTo(cluster);
      for (const command of ['check', 'install', 'upgrade', 'uninstall -y']) {
        const { code, out, err } = await lab.kusk(`cluster ${command}`, { kubeconfig });
        assert.equal(code, 3, command);
        assert.match(err, says);
        assert.ok(!`${out}${err}`.includes('\u001b'));
      }
    });
  }

  it('names a context without its control characters', async () => {
    const { code, err } = await lab.kusk('cluster check --context \u001b]0;x\u0007');
    assert.equal(code, 3);
    assert.match(err, /no context \\u001b\]0;x\\u0007: write one of local/);
  });
});

describe('what kubectl applied', () => {
  it('is taken over only after --yes, and nothing of kubectl stays', async () => {
    await lab.cp.kubectl(['apply', '-k', join(ROOT, 'deploy')]);
    // Until then the API server writes the status of the CRDs.
    await lab.cp.kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all']);
    const before = await lab.versions(NS);
    const asked = await lab.kusk('cluster install --no-wait');
    assert.equal(asked.code, 2);
    assert.match(asked.err, /--yes/);
    const { 'deployments kusk-gateway-manager': _one, ...rest } = before;
    const { 'deployments kusk-gateway-manager': _other, ...restAfter } = await lab.versions(NS);
    assert.deepEqual(restAfter, rest);

    const { code, err } = await lab.kusk('cluster install --no-wait --yes');
    assert.equal(code, 0, err);
    const objects = await lab.objects(NS);
    for (const [key, object] of objects) {
      if (/ledger|^leases/.test(key)) continue;
      const { annotations = {} } = (object as Managed).metadata;
      assert.ok(!Object.keys(annotations).some((name) => name.startsWith('kubectl.')), key);
      assert.deepEqual(
        managersOf(object).filter((manager) => /kubectl/.test(manager)),
        [],
        key,
      );
    }
  });

  it('has no orphaned fields: what is no longer wanted goes', async () => {
    const { code, err } = await lab.kusk('cluster upgrade --no-wait --analytics off');
    assert.equal(code, 0, err);
    const objects = await lab.objects(NS);
    assert.equal(objects.has(`clusterroles ${NS}:kusk-gateway-manager`), false);
    assert.equal(objects.has('leases kusk-gateway-manager'), false);
    const role = objects.get('roles kusk-gateway-manager') as KubeObject & {
      readonly rules: readonly unknown[];
    };
    assert.equal(role.rules.length, 1);
    assert.equal((await lab.kusk('cluster uninstall --yes')).code, 0);
  });

  it('has no off that stays: the overlay is off until --analytics on', async () => {
    await lab.cp.kubectl(['apply', '-k', join(ROOT, 'deploy/overlays/analytics-off')]);
    for (const [flag, said] of [
      ['--yes', /^Telemetry is OFF: it was off before\.$/m],
      ['--analytics on', /^Telemetry is ON: --analytics on\.$/m],
    ] as const) {
      const { out, err } = await lab.kusk(`cluster upgrade --no-wait ${flag}`);
      assert.match(out, said, err);
    }
    assert.equal((await lab.objects(NS)).has('configmaps kusk-gateway-manager'), false);
    assert.equal((await lab.kusk('cluster uninstall --yes')).code, 0);
  });
});

describe('what another tool has installed', () => {
  for (const version of VERSIONS) {
    it(`is left alone by all commands: ${version}`, async () => {
      const namespace = `by-${version}`;
      const helm = await helmOf(version, {
        kubeconfig: lab.cp.adminKubeconfig,
        folder: join(lab.cp.folder, version),
      });
      lab.pods(namespace, 'ready');
      await lab.createNamespace(namespace);
      await helm.run(['install', 'mine', CHART, '--namespace', namespace, '--wait']);
      await lab.settled(namespace, 'mine-kusk-gateway-manager');
      const before = await lab.versions(namespace);
      for (const command of COMMANDS) {
        const { code, err } = await lab.kusk(`cluster ${command} --yes -n ${namespace}`);
        assert.equal(code, 1, err);
        assert.match(err, /belongs to Helm release mine\. Nothing was changed$/m);
        const verb = command === 'uninstall' ? 'uninstall mine' : 'upgrade mine CHART';
        assert.ok(err.includes(`: helm ${verb}`), err);
      }
      assert.deepEqual(await lab.versions(namespace), before);
      const { code, out } = await lab.kusk(`cluster check -n ${namespace}`);
      assert.equal(code, 0, out);
      const ours = RegExp.escape(manifest.version);
      const line = `^ok +installation +${ours} in namespace .*, Helm release mine$`;
      assert.match(out, new RegExp(line, 'm'));
    });
  }

  const marks = [
    {
      tool: 'Argo CD',
      mark: { annotations: { 'argocd.argoproj.io/tracking-id': 'edge:a/b:c/d' } },
    },
    {
      tool: 'Flux',
      mark: {
        labels: {
          'kustomize.toolkit.fluxcd.io/name': 'edge',
          'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
        },
      },
    },
  ];
  for (const { tool, mark } of marks) {
    it(`is left alone by all commands: ${tool}`, async () => {
      const namespace = `by-${tool.toLowerCase().replace(' ', '-')}`;
      await lab.kusk(`cluster install --no-wait -n ${namespace}`);
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments/kusk-gateway-manager`;
      await lab.client.must('PATCH', path, { metadata: mark });
      for (const command of COMMANDS) {
        const { code, err } = await lab.kusk(`cluster ${command} --yes -n ${namespace}`);
        assert.equal(code, 1);
        assert.match(err, new RegExp(`belongs to ${tool} .*edge\\. Nothing was changed$`, 'm'));
      }
      assert.ok((await lab.objects(namespace)).has('deployments kusk-gateway-manager'));
    });
  }
});
