import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { inParallel } from '../../lab/support/in-parallel.ts';
import manifest from '../../package.json' with { type: 'json' };
import { readConfigFile } from '../../src/consent/config-file.ts';
import { consentIn } from './consent-in.ts';
import { defaultImage } from './default-image.ts';
import { CI_FILES } from './features.ts';
import { CHART, COLLECTOR_CHART, FEW, type Helm, helmOf, setting, VERSIONS } from './helm.ts';
import { parentChart } from './parent-chart.ts';
import {
  find,
  names,
  parse,
  type RenderCall,
  type Rendered,
  render,
  testObjects,
} from './rendered.ts';

const { version } = manifest;

/** Every way to write off. A call with `literal` goes by `--set-string`. */
const OFF: readonly (RenderCall & { readonly title: string })[] = [
  ...[
    'false',
    'False',
    'FALSE',
    'off',
    'Off',
    'no',
    'n',
    'f',
    '0',
    'null',
    '',
    '" false "',
  ].flatMap((word) => [
    { title: `--set analytics.enabled=${word}`, set: [`analytics.enabled=${word}`] },
    { title: `--set analytics.enable=${word}`, set: [`analytics.enable=${word}`] },
  ]),
  ...['false', 'no', 'off', 'n', '0', '0.0', 'null', '~', '', '"False"', '" off "'].map((word) => ({
    title: `enabled: ${word} in a file`,
    values: `analytics:\n  enabled: ${word}\n`,
  })),
  { title: 'analytics: null', values: 'analytics:\n' },
  { title: 'on by one, off by the other', set: ['analytics.enabled=true', 'analytics.enable=no'] },
  {
    title: 'ANALYTICS_ENABLED in manager.env',
    values: 'manager: {env: [{name: ANALYTICS_ENABLED, value: "off"}]}',
  },
  {
    title: 'DO_NOT_TRACK in manager.env',
    values: 'manager: {env: [{name: DO_NOT_TRACK, value: "1"}]}',
  },
];

const ON: readonly (RenderCall & { readonly title: string })[] = [
  { title: 'nothing said' },
  ...['true', 'True', 'yes', 'on', '1'].map((word) => ({
    title: `--set analytics.enabled=${word}`,
    set: [`analytics.enabled=${word}`],
  })),
  {
    title: 'DO_NOT_TRACK=0 in manager.env',
    values: 'manager: {env: [{name: DO_NOT_TRACK, value: "0"}]}',
  },
];

/** Returns what the pod needs in order to start: Secrets and ConfigMaps that are not optional. */
function neededBy(objects: readonly Rendered[]): readonly string[] {
  const needed: string[] = [];
  JSON.stringify(find(objects, 'Deployment').spec, (key, value) => {
    if (!['secretKeyRef', 'secret', 'configMap'].includes(key) || value.optional) return value;
    needed.push(value.name ?? value.secretName);
    return value;
  });
  return needed;
}

for (const by of VERSIONS) {
  describe(`what ${by} renders`, () => {
    let helm: Helm;
    before(async () => {
      helm = await helmOf(by);
    });

    it('off, however it is written, without Lease and ClusterRole', async () => {
      await inParallel(
        OFF,
        async ({ title, ...call }) => {
          const objects = await render(helm, call);
          assert.deepEqual(consentIn(objects), { key: 'false', file: undefined }, title);
          const kinds = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
          const tooMuch = kinds.filter((name) => /Lease|ClusterRole/.test(name));
          assert.deepEqual(tooMuch, [], title);
        },
        FEW,
      );
    });

    it('off and not reported, in a file too, which a pod that still runs reads', async () => {
      const set = ['analytics.enabled=false', 'analytics.reportOptOut=no'];
      const { data } = find(await render(helm, { set }), 'ConfigMap', 'kusk-gateway-manager');
      const file = readConfigFile('config.yaml', { text: data?.['config.yaml'] ?? '' });
      assert.deepEqual(file.root, { analytics: { enabled: false, reportOptOut: false } });
    });

    it('on, where nobody says otherwise', async () => {
      await inParallel(
        ON,
        async ({ title, ...call }) => {
          assert.deepEqual(
            consentIn(await render(helm, call)),
            { key: undefined, file: undefined },
            title,
          );
        },
        FEW,
      );
    });

    it('a pod that starts without its Secrets, but only while telemetry is off', async () => {
      const secret = 'analytics: {existingSecret: {name: keys}}\ncustomCA: {secret: authorities}\n';
      const configMap = 'analytics: {writeKey: key}\ncustomCA: {configMap: authorities}\n';
      const key = 'kusk-gateway-write-key';
      for (const [values, needed] of [
        [secret, ['keys', 'authorities']],
        [configMap, [key, 'authorities']],
      ] as const) {
        assert.deepEqual(neededBy(await render(helm, { values })), needed);
        const set = ['analytics.enabled=false'];
        assert.deepEqual(neededBy(await render(helm, { values, set })), []);
      }
    });

    it('under the names that people rely on', async () => {
      assert.deepEqual(names(await render(helm)), [
        'ClusterRole/kusk-system:kusk-gateway-manager',
        'ClusterRoleBinding/kusk-system:kusk-gateway-manager',
        'ConfigMap/kusk-gateway-ledger',
        'ConfigMap/kusk-gateway-manager',
        'CustomResourceDefinition/apis.gateway.kusk.io',
        'CustomResourceDefinition/envoyfleets.gateway.kusk.io',
        'CustomResourceDefinition/staticroutes.gateway.kusk.io',
        'Deployment/kusk-gateway-manager',
        'Lease/kusk-gateway-manager',
        'Role/kusk-gateway-manager',
        'RoleBinding/kusk-gateway-manager',
        'Service/kusk-gateway-manager',
        'ServiceAccount/kusk-gateway-manager',
      ]);
    });

    it('everything labelled, and nothing in another namespace', async () => {
      const set = [
        'commonLabels.team=edge',
        'rbac.aggregate=true',
        'podDisruptionBudget.enabled=true',
        'dashboard.enabled=true',
        'networkPolicy.enabled=true',
      ];
      for (const { kind, metadata } of await render(helm, { set })) {
        assert.equal(metadata.labels?.team, 'edge', kind);
        assert.equal(metadata.labels['app.kubernetes.io/name'], 'kusk-gateway', kind);
        assert.equal(metadata.labels['app.kubernetes.io/part-of'], 'kusk-gateway', kind);
        const isCluster = /^(ClusterRole|CustomResource)/.test(kind);
        assert.equal(metadata.namespace, isCluster ? undefined : 'kusk-system', kind);
      }
    });

    it('everything annotated, the pod of helm test too', async () => {
      const set = ['commonAnnotations.mesh=off', 'networkPolicy.enabled=true'];
      const tests = await testObjects(helm, { set });
      assert.deepEqual(names(tests), ['NetworkPolicy/kusk-gateway-test', 'Pod/kusk-gateway-test']);
      for (const { kind, metadata } of [...(await render(helm, { set })), ...tests]) {
        assert.equal(metadata.annotations?.mesh, 'off', kind);
      }
      for (const { metadata } of tests) {
        assert.equal(metadata.annotations?.['helm.sh/hook'], 'test');
      }
    });

    it('pods for nodes of Linux, unless the values have another system', async () => {
      for (const chart of [CHART, COLLECTOR_CHART]) {
        const cases = [
          { set: [], expected: { 'kubernetes.io/os': 'linux' } },
          { set: ['disk=ssd'], expected: { disk: 'ssd', 'kubernetes.io/os': 'linux' } },
          { set: ['kubernetes\\.io/os=other'], expected: { 'kubernetes.io/os': 'other' } },
        ];
        for (const { set, expected } of cases) {
          const selectors = set.map((one) => `nodeSelector.${one}`);
          const all = { chart, set: selectors };
          const objects = [...(await render(helm, all)), ...(await testObjects(helm, all))];
          const pods = objects.filter(({ kind }) => /^(Deployment|StatefulSet|Pod)$/.test(kind));
          const found: unknown[] = [];
          JSON.stringify(pods, (key, value) => {
            if (key === 'nodeSelector') found.push(value);
            return value;
          });
          assert.deepEqual(found, [expected, expected]);
        }
      }
    });

    const own = defaultImage('kusk-gateway');
    const OURS = own.slice(own.indexOf('/') + 1);
    const images = [
      { set: [], image: `${own}:${version}` },
      { set: ['manager.image.tag=v2'], image: `${own}:v2` },
      ...['ghcr.io/me/telemetry', 'localhost/telemetry', 'mirror:5000/telemetry'].map((name) => ({
        set: [`manager.image.repository=${name}`],
        image: `${name}:${version}`,
      })),
      {
        set: ['global.imageRegistry=mirror.example:5000'],
        image: `mirror.example:5000/${OURS}:${version}`,
      },
      {
        set: ['global.imageRegistry=mirror.example', 'manager.image.registry=own.example/'],
        image: `own.example/${OURS}:${version}`,
      },
      {
        set: ['global.imageRegistry=mirror.example', 'manager.image.repository=ghcr.io/me/it'],
        image: `mirror.example/me/it:${version}`,
      },
      {
        set: [`manager.image.digest=sha256:${'0'.repeat(64)}`, 'manager.image.tag=v2'],
        image: `${own}@sha256:${'0'.repeat(64)}`,
      },
      ...['kubeshop/kusk-gateway', 'docker.io/kubeshop/kusk-gateway'].map((former) => ({
        set: [`manager.image.repository=${former}`, 'manager.image.tag=v1.5.0'],
        image: `${own}:${version}`,
      })),
      {
        set: ['manager.image.repository=mirror.example/kubeshop/kusk-gateway'],
        image: `mirror.example/kubeshop/kusk-gateway-telemetry:${version}`,
      },
    ];
    for (const { set, image } of images) {
      it(`the image ${image} for ${set.join(', ') || 'no values'}`, async () => {
        assert.ok(
          JSON.stringify(find(await render(helm, { set }), 'Deployment')).includes(`"${image}"`),
        );
      });
    }

    it('each variable once, even if manager.env names it again', async () => {
      const set = ['manager.env[0].name=METRICS_BIND_ADDR', 'manager.env[0].value=:9'];
      const text = JSON.stringify(find(await render(helm, { set }), 'Deployment'));
      assert.equal(text.split('"METRICS_BIND_ADDR"').length, 2);
      assert.ok(text.includes('{"name":"METRICS_BIND_ADDR","value":":9"}'));
    });

    it('other pods for another configuration, and for no other change', async () => {
      const pods = async (call?: RenderCall) =>
        JSON.stringify(find(await render(helm, call), 'Deployment').spec);
      const usual = await pods();
      assert.equal(
        await pods({ set: ['analytics.enabled=yes', 'service.annotations.a=b'] }),
        usual,
      );
      for (const set of [
        'analytics.enabled=no',
        'manager.logLevel=debug',
        'analytics.writeKey=x',
      ]) {
        assert.notEqual(await pods({ set: [set] }), usual, set);
      }
    });

    it('the same pod of helm test on and off, as Kubernetes refuses to change one', async () => {
      const shown = ['template', 'kusk-gateway', CHART, '-s', 'templates/tests/ready.yaml'];
      const on = await helm.run(shown);
      assert.equal(await helm.run([...shown, ...setting(['analytics.enabled=false'])]), on);
    });

    it('as a subchart, with a condition and with what is global', async (t) => {
      const chart = parentChart(t);
      const off = await render(helm, { chart, set: ['kusk-gateway.enabled=false'] });
      assert.deepEqual(off, []);
      const set = ['global.imageRegistry=mirror.example', 'global.anything.else=1'];
      const on = await render(helm, { chart, set });
      const name = defaultImage('kusk-gateway').replace(/^[^/]*/, 'mirror.example');
      assert.ok(JSON.stringify(on).includes(`"${name}:${version}"`));
      for (const word of ['false', 'null', 'off']) {
        const silent = { chart, set: [`kusk-gateway.analytics.enabled=${word}`] };
        const objects = parse(
          await helm.run(['template', 'kusk-gateway', chart, ...setting(silent.set)]),
        );
        assert.deepEqual(consentIn(objects), { key: 'false', file: undefined }, word);
      }
    });

    it('passes helm lint --strict, with each values file of ci/ too', async () => {
      const files = CI_FILES.map((file) => ['--values', file]);
      await inParallel(
        [[], ...files],
        (args) => helm.run(['lint', '--strict', CHART, ...args]),
        FEW,
      );
    });
  });
}
