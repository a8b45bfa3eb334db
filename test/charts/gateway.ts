import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cluster } from './cluster.ts';
import { WAYS } from './former.ts';
import { GATEWAY_HOME as HOME, settled, withGateway } from './gateway-objects.ts';
import { CHART, setting, VERSIONS } from './helm.ts';

const BESIDE = 'kusk-telemetry';
const RELEASE = ['kusk-gateway', '--namespace', HOME];
const DEPLOYMENT = `/apis/apps/v1/namespaces/${HOME}/deployments/kusk-gateway-manager`;

/** What is refused, and what the message names. */
const REFUSED = [
  /Kusk Gateway 1\.x is in the namespace kusk-system/,
  /This chart is not the gateway/,
  /--namespace kusk-telemetry --create-namespace --set crds\.install=false/,
  /replaceGateway=true/,
  /these will be gone: .*Services.*webhook.*ClusterRoles/s,
  /Nothing was changed/,
];

/** Kusk Gateway 1.x serves on as if this chart had never been tried. */
export function gatewaySuite(cluster: () => Cluster): void {
  for (const { from, by, args } of WAYS) {
    describe(['Kusk Gateway 1.x, made by', from, 'and met by', by, ...args].join(' '), () => {
      const { helm, versions } = withGateway(cluster, { from, by });
      const upgrade = ['upgrade', ...RELEASE, CHART, ...args];

      const ATTEMPTS: readonly (readonly [string, readonly string[]])[] = [
        ['an upgrade in place', upgrade],
        ['an upgrade by its own values', [...upgrade, '--reuse-values']],
        ['an upgrade that installs', [...upgrade, '--install', ...setting(['replicaCount=1'])]],
        ['an upgrade without CRDs', [...upgrade, ...setting(['crds.install=false'])]],
        ['a second release', ['install', 'telemetry', CHART, '--namespace', HOME]],
      ];
      for (const [title, call] of ATTEMPTS) {
        it(`refuses ${title}, and changes nothing`, async () => {
          const before = await versions();
          await assert.rejects(helm().run(call), ({ message }: Error) => {
            for (const part of REFUSED) assert.match(message, part);
            return true;
          });
          assert.deepEqual(await versions(), before);
        });
      }

      for (const set of [['crds.install=false'], []]) {
        it(`is left alone by a release beside it, with ${set[0] ?? 'default values'}`, async (t) => {
          const before = await versions();
          const beside = ['kusk-gateway', '--namespace', BESIDE];
          await helm().run([
            ...['install', ...beside, CHART, '--create-namespace'],
            ...setting(set),
          ]);
          await helm().run(['upgrade', ...beside, CHART, ...setting(set)]);
          await helm().run(['uninstall', ...beside]);
          const after = await versions();
          assert.deepEqual(after, before);
          const shown = Object.entries(before).map(
            ([name, old]) => `${name} ${old}=${after[name]}`,
          );
          t.diagnostic(`resourceVersions before=after: ${shown.join(', ')}`);
        });
      }
    });
  }

  describe('what is left of Kusk Gateway 1.x is recognised', () => {
    const { helm, versions } = withGateway(cluster, { from: 'helm3', by: 'helm' });
    const services = ['xds', 'agent', 'auth', 'validator', 'webhooks'].map(
      (name) => `service/kusk-gateway-${name}-service`,
    );

    async function assertRefused(part: RegExp) {
      const before = await versions();
      for (const version of VERSIONS) {
        const attempt = (await cluster().helm(version)).run(['upgrade', ...RELEASE, CHART]);
        await assert.rejects(attempt, part);
      }
      assert.deepEqual(await versions(), before);
    }

    const IMAGES = [
      'kubeshop/kusk-gateway:v1.5.4',
      'mirror.example:5000/proxy/kubeshop/kusk-gateway:v1.0.0',
      `kubeshop/kusk-gateway@sha256:${'0'.repeat(64)}`,
      `mirror.example/kusk-gateway:v1@sha256:${'1'.repeat(64)}`,
      `mirror.example/renamed@sha256:${'2'.repeat(64)}`,
    ];
    for (const image of IMAGES) {
      it(`by its Deployment alone, without labels, with the image ${image}`, async () => {
        const { cp, client } = cluster();
        await cp.kubectl(['delete', '-n', HOME, '--ignore-not-found', ...services]);
        await cp.kubectl(['set', 'image', '-n', HOME, 'deployment', '--all', `manager=${image}`]);
        await client.must('PATCH', DEPLOYMENT, {
          metadata: { labels: { 'helm.sh/chart': null, 'app.kubernetes.io/component': null } },
        });
        await settled(cluster());
        await assertRefused(/Deployment kusk-gateway-manager \(/);
      });
    }

    for (const { title, name, image } of [
      { title: 'its image', name: 'edge', image: 'mirror.example/kusk-gateway:v1.5.4' },
      { title: "its chart's label", name: 'edge', image: 'mirror.example/renamed:v1' },
    ]) {
      it(`by ${title}, under another name`, async () => {
        const { cp, client } = cluster();
        const former = (await client.must('GET', DEPLOYMENT)) as unknown as {
          spec: { template: { spec: { containers: { image: string }[] } } };
        };
        await cp.kubectl(['delete', '-n', HOME, 'deployments', '--all']);
        for (const container of former.spec.template.spec.containers) container.image = image;
        const labels = title === 'its image' ? {} : { 'helm.sh/chart': 'kusk-gateway-0.0.52' };
        const metadata = { name, namespace: HOME, labels };
        const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata };
        const input = JSON.stringify({ ...deployment, spec: former.spec });
        await cp.kubectl(['apply', '-f', '-'], { input });
        await settled(cluster());
        await assertRefused(new RegExp(`Deployment ${name} \\(`));
        await cp.kubectl(['delete', '-n', HOME, `deployment/${name}`]);
        const { spec } = former;
        const again = { ...deployment, metadata: { name: 'kusk-gateway-manager' }, spec };
        await cp.kubectl(['apply', '-n', HOME, '-f', '-'], { input: JSON.stringify(again) });
      });
    }

    for (const service of ['kusk-gateway-xds-service', 'kusk-gateway-manager']) {
      it(`by its Service ${service} alone`, async () => {
        const { cp } = cluster();
        await cp.kubectl(['delete', '-n', HOME, '--ignore-not-found', 'deployments', '--all']);
        const ports = [{ name: 'xds', port: 18000 }];
        const metadata = { name: service, namespace: HOME };
        const input = JSON.stringify({
          apiVersion: 'v1',
          kind: 'Service',
          metadata,
          spec: { ports },
        });
        await cp.kubectl(['apply', '-f', '-'], { input });
        await assertRefused(new RegExp(`Service ${service}`));
        await cp.kubectl(['delete', '-n', HOME, `service/${service}`]);
      });
    }

    it('and nothing else is taken for it', async () => {
      const { cp, client } = cluster();
      const api = ['create', 'deployment', 'api', '-n', BESIDE];
      await cp.kubectl([...api, '--image=mirror.example/kubeshop/kusk-gateway-api:v1.5.4']);
      const image = ['registry=mirror.example', 'repository=kusk-gateway'];
      const set = [...image.map((pair) => `manager.image.${pair}`), 'crds.install=false'];
      const args = ['kusk-gateway', CHART, '--namespace', BESIDE, ...setting(set)];
      await helm().run(['install', ...args]);
      await helm().run(['upgrade', ...args]);
      const deployment = `/apis/apps/v1/namespaces/${BESIDE}/deployments/kusk-gateway-manager`;
      const { spec } = await client.must('GET', deployment);
      assert.match(JSON.stringify(spec), /"image":"mirror\.example\/kusk-gateway:/);
    });
  });
}
