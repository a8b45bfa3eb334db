import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { inParallel } from '../../lab/support/in-parallel.ts';
import { runToEnd } from '../../lab/support/run.ts';
import { parseFlags } from '../../src/collector/flags.ts';
import { aFile, start } from '../collector/program.ts';
import { WRITE_KEY } from '../collector/setup.ts';
import { places, valuesWith, wrongFor } from './fuzz.ts';
import { COLLECTOR_CHART as CHART, FEW, type Helm, helmOf, VERSIONS } from './helm.ts';
import { parentChart } from './parent-chart.ts';
import { find, names, type Rendered, render, template, testObjects } from './rendered.ts';

const README = readFileSync(join(CHART, 'README.md'), 'utf8');
const CI = readdirSync(join(CHART, 'ci')).map((name) => ({
  name,
  values: readFileSync(join(CHART, 'ci', name), 'utf8'),
}));
const CALL = { chart: CHART, release: 'kusk-collector', namespace: 'telemetry' };
/** So that nothing is random. */
const KEYS = 'keys: {write: w, read: r}';

const WITHHELD = [
  'NODE_OPTIONS',
  'NODE_PATH',
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'LD_PRELOAD',
  'LD_AUDIT',
  'LD_LIBRARY_PATH',
  'OPENSSL_CONF',
];

interface PodSpec {
  readonly containers: readonly [
    { readonly args: readonly string[]; readonly env: readonly Env[] },
  ];
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: { readonly fsGroup?: number };
  readonly volumes?: readonly object[];
}

interface Env {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}

interface CronJobSpec {
  readonly jobTemplate: Pick<Rendered, 'metadata'> & {
    readonly spec: {
      readonly activeDeadlineSeconds: number;
      readonly template: Pick<Rendered, 'metadata'>;
    };
  };
}

/** Returns the spec of the pods of a StatefulSet or a Deployment. */
function podOf({ spec }: Rendered): PodSpec {
  return (spec as { readonly template: { readonly spec: PodSpec } }).template.spec;
}

/** What the pod gets from the Secret, with the rest of its variables. */
function environmentOf({ containers: [{ env }] }: PodSpec): Readonly<Record<string, string>> {
  return Object.fromEntries(env.map(({ name, value = 'from-a-secret' }) => [name, value]));
}

const REFUSED = [
  {
    title: 'a release whose name no Service can have',
    release: 'my.release',
    kubeVersion: '1.36.0',
    message:
      'The Service would be called my.release-kusk-collector, but Kubernetes accepts only lower-case letters, digits and hyphens there. Write another fullnameOverride, such as kusk-collector.',
  },
  {
    title: 'a release whose name begins with a digit',
    release: '1st',
    kubeVersion: '1.35.9',
    message: 'The Service would be called 1st-kusk-collector',
  },
  {
    title: 'several replicas with SQLite',
    values: 'replicaCount: 2',
    message:
      "replicaCount is 2, but SQLite's file is for one. Write replicaCount: 1, or clickhouse.url.",
  },
  {
    title: 'a backup of ClickHouse',
    values: '{clickhouse: {url: "clickhouse://u@h:8123/d"}, backup: {enabled: true}}',
    message: "use ClickHouse's own backup",
  },
  {
    title: 'a backup of nothing',
    values: '{persistence: {enabled: false}, backup: {enabled: true}}',
    message: 'Write persistence.enabled: true',
  },
  {
    title: 'a backup of a volume that only one pod can have',
    values: '{persistence: {accessModes: [ReadWriteOncePod]}, backup: {enabled: true}}',
    message: 'Write persistence.accessModes: [ReadWriteOnce], or backup.enabled: false.',
  },
  {
    title: 'keys twice',
    values: 'keys: {read: r, existingSecret: {name: s}}',
    message: 'keys.existingSecret.name is set, and keys.write or keys.read too. Write either.',
  },
  {
    title: 'a password for no ClickHouse',
    values: 'clickhouse: {existingSecret: {name: s}}',
    message: 'Write clickhouse.url: clickhouse://USER@HOST:8123/DATABASE',
  },
  {
    title: 'a password in the address',
    values: 'clickhouse: {url: "clickhouse://u:secret@h:8123/d"}',
    message: "at '/clickhouse/url'",
  },
  {
    title: 'a parameter in the address',
    values: 'clickhouse: {url: "clickhouse://u@h:8123/d?x=1"}',
    message: "at '/clickhouse/url'",
  },
  {
    title: 'an Ingress without a name',
    values: 'ingress: {enabled: true}',
    message: 'ingress.hosts is empty. Write at least one name.',
  },
  {
    title: 'a volume with a name of ours',
    values: 'extraVolumes: [{name: data, emptyDir: {}}]',
    message: 'extraVolumes has one called data',
  },
  { title: 'a key with a colon', values: 'keys: {write: "a:b"}', message: "at '/keys/write'" },
  { title: 'two read keys', values: 'keys: {read: "a,b"}', message: "at '/keys/read'" },
];

for (const by of VERSIONS) {
  describe(`the collector's chart, by ${by}`, () => {
    let helm: Helm;
    before(async () => {
      helm = await helmOf(by);
    });

    it('is a StatefulSet with a volume by default', async () => {
      const objects = await render(helm, { ...CALL, values: KEYS });
      assert.deepEqual(names(objects), [
        'PersistentVolumeClaim/kusk-collector',
        'Secret/kusk-collector',
        'Service/kusk-collector',
        'ServiceAccount/kusk-collector',
        'StatefulSet/kusk-collector',
      ]);
      const [{ args, env }] = podOf(find(objects, 'StatefulSet')).containers;
      assert.deepEqual(args, ['--max-requests=1000']);
      const read = env.find(({ name }) => name === 'COLLECTOR_READ_KEY');
      assert.deepEqual(read?.valueFrom?.secretKeyRef, { name: 'kusk-collector', key: 'readKey' });
      const { data } = find(objects, 'Secret');
      assert.deepEqual(data, { writeKey: 'dw==', readKey: 'cg==' });
    });

    it('has a flag for each setting', async () => {
      const values = 'public: true\nkeepEvents: 400\nmaxRequests: 5\nextraArgs: [--x]';
      const [{ args }] = podOf(
        find(await render(helm, { ...CALL, values }), 'StatefulSet'),
      ).containers;
      assert.deepEqual(args, ['--max-requests=5', '--keep-events=400', '--public', '--x']);
    });

    it('lets variables that load code come from env, and not from envFrom', async () => {
      const withheldBy = async (values: object) => {
        const objects = await render(helm, { ...CALL, values: JSON.stringify(values) });
        const environment = environmentOf(podOf(find(objects, 'StatefulSet')));
        return WITHHELD.map((name) => environment[name]);
      };
      const envFrom = [{ configMapRef: { name: 'more' } }];
      const env = [{ name: 'NODE_OPTIONS', value: '--report-on-fatalerror' }];
      const nothing = WITHHELD.map(() => '');
      assert.deepEqual(await withheldBy({ envFrom }), nothing);
      assert.deepEqual(await withheldBy({ envFrom, env }), [
        '--report-on-fatalerror',
        ...nothing.slice(1),
      ]);
      assert.deepEqual(
        await withheldBy({}),
        WITHHELD.map(() => undefined),
      );
    });

    it('is a Deployment without a volume with ClickHouse', async () => {
      const values = CI.find(({ name }) => name.startsWith('clickhouse'))?.values ?? '';
      const objects = await render(helm, { ...CALL, values });
      const { containers, volumes } = podOf(find(objects, 'Deployment'));
      assert.equal(volumes, undefined);
      const [{ args, env }] = containers;
      assert.ok(args.includes('--store=clickhouse://kusk@clickhouse.example:8123/telemetry'));
      const password = env.find(({ name }) => name === 'COLLECTOR_STORE_PASSWORD');
      assert.deepEqual(password?.valueFrom?.secretKeyRef, { name: 'clickhouse', key: 'password' });
      const { egress } = find(objects, 'NetworkPolicy').spec as { readonly egress: object[] };
      assert.deepEqual(egress[0], { ports: [{ port: 8123, protocol: 'TCP' }] });
      const kinds = objects.map(({ kind }) => kind);
      assert.equal(kinds.includes('StatefulSet') || kinds.includes('PersistentVolumeClaim'), false);
    });

    it('marks its volumes, so that no tool prunes them or shows them as out of sync', async () => {
      const objects = await render(helm, { ...CALL, values: 'backup: {enabled: true}' });
      const claims = objects.filter(({ kind }) => kind === 'PersistentVolumeClaim');
      const marks = {
        'helm.sh/resource-policy': 'keep',
        'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
        'argocd.argoproj.io/compare-options': 'IgnoreExtraneous',
        'kustomize.toolkit.fluxcd.io/prune': 'disabled',
      };
      assert.deepEqual(
        claims.map(({ metadata }) => metadata.annotations),
        [marks, marks],
      );
    });

    for (const { name, values } of CI) {
      it(`has flags and variables that the collector understands, with ${name}`, async () => {
        const objects = await render(helm, { ...CALL, values });
        const pod = objects.find(({ kind }) => /^(StatefulSet|Deployment)$/.test(kind));
        assert.ok(pod);
        const spec = podOf(pod);
        const config = parseFlags(spec.containers[0].args, { env: environmentOf(spec) });
        assert.ok(typeof config === 'object');
        assert.deepEqual([config.host, config.port, config.logLevel], [undefined, 8090, 'info']);
        assert.equal(config.clickHouse !== undefined, pod.kind === 'Deployment');
      });
    }

    it('accepts the change to ClickHouse of the README, also with backups', async () => {
      const [upgrade = ''] = /helm upgrade [^&]* --set clickhouse.url[^&]*/.exec(README) ?? [];
      const words = { USER: 'u', HOST: 'h', DATABASE: 'd', SECRET: 's' };
      const set = [...upgrade.matchAll(/--set (\S+)/g)].map(([, value = '']) =>
        value.replaceAll(/[A-Z]{2,}/g, (word) => words[word as keyof typeof words]),
      );
      const values = 'backup: {enabled: true}';
      const objects = await render(helm, { ...CALL, values, set });
      assert.deepEqual(
        objects.map(({ kind }) => kind).filter((kind) => /Set$|Deployment|Claim|Job/.test(kind)),
        ['Deployment'],
      );
      const [{ args }] = podOf(find(objects, 'Deployment')).containers;
      assert.ok(args.includes('--store=clickhouse://u@h:8123/d'));
    });

    it('ends a backup that takes too long, as with a sidecar that never ends', async () => {
      const values = '{backup: {enabled: true, activeDeadlineSeconds: 1000000}}';
      const job = find(await render(helm, { ...CALL, values }), 'CronJob').spec as CronJobSpec;
      assert.equal(job.jobTemplate.spec.activeDeadlineSeconds, 1_000_000);
    });

    it('has what is common, and its own, on the pods of the backup and of helm test', async () => {
      const values = `
        commonAnnotations: {mesh: "off", common: a}
        commonLabels: {team: edge, app.kubernetes.io/name: other}
        backup: {enabled: true, podAnnotations: {mesh: "on"}, podLabels: {sidecar: "false"}}`;
      const { jobTemplate } = find(await render(helm, { ...CALL, values }), 'CronJob')
        .spec as CronJobSpec;
      assert.deepEqual(jobTemplate.metadata.annotations, { mesh: 'off', common: 'a' });
      const { annotations, labels } = jobTemplate.spec.template.metadata;
      assert.deepEqual(annotations, { mesh: 'on', common: 'a' });
      assert.deepEqual(labels, {
        'app.kubernetes.io/name': 'kusk-collector-backup',
        'app.kubernetes.io/instance': 'kusk-collector',
        sidecar: 'false',
        team: 'edge',
      });
      for (const { metadata } of await testObjects(helm, { ...CALL, values })) {
        assert.equal(metadata.annotations?.common, 'a');
        assert.equal(metadata.annotations['helm.sh/hook'], 'test');
      }
    });

    it('leaves the group of the volume to OpenShift, also as a subchart', async (t) => {
      const values = { securityContext: { fsGroup: '' }, backup: { enabled: true } };
      const parent = parentChart(t, { 'kusk-collector': values }, { chart: CHART });
      const calls = [
        { ...CALL, chart: parent },
        { ...CALL, set: ['securityContext.fsGroup=', 'backup.enabled=true'] },
        { ...CALL, set: ['securityContext.fsGroup=null', 'backup.enabled=true'] },
      ];
      for (const call of calls) {
        const objects = await render(helm, call);
        assert.doesNotMatch(JSON.stringify(objects), /"fsGroup"/);
        assert.equal(JSON.stringify(objects).split('"runAsNonRoot":true').length, 3);
      }
      const { securityContext } = podOf(find(await render(helm, CALL), 'StatefulSet'));
      assert.equal(securityContext.fsGroup, 65532);
    });

    it('creates random keys, and none beside a Secret of the user', async () => {
      const [first, second] = await Promise.all([render(helm, CALL), render(helm, CALL)]);
      const keys = [first, second].map((objects) => find(objects ?? [], 'Secret').data ?? {});
      const all = keys.flatMap(({ writeKey = '', readKey = '' }) => [writeKey, readKey]);
      assert.equal(new Set(all).size, 4);
      for (const key of all) {
        assert.match(Buffer.from(key, 'base64').toString(), /^[0-9A-Za-z]{32}$/);
      }
      const values = 'keys: {existingSecret: {name: mine, readKey: r, writeKey: w}}';
      const objects = await render(helm, { ...CALL, values });
      assert.equal(
        objects.some(({ kind }) => kind === 'Secret'),
        false,
      );
      const [{ env }] = podOf(find(objects, 'StatefulSet')).containers;
      const refs = env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []);
      assert.deepEqual(refs, [
        { name: 'mine', key: 'w' },
        { name: 'mine', key: 'r' },
      ]);
    });

    for (const { title, message, ...call } of REFUSED) {
      it(`refuses ${title}`, async () => {
        await assert.rejects(template(helm, { ...CALL, ...call }), (error: Error) =>
          error.message.includes(message),
        );
      });
    }

    it('takes a value that is missing as its default', async () => {
      const usual = await template(helm, { ...CALL, values: KEYS });
      const { groups, leaves } = places(CHART);
      const all = [...groups, ...leaves].filter(({ path: [first] }) => first && first !== 'keys');
      assert.ok(all.length > 50);
      const changed = await inParallel(
        all,
        async ({ path }) => {
          const keys = { path: ['keys'], value: { write: 'w', read: 'r' } };
          const values = valuesWith([keys, { path, value: null }]);
          return (await template(helm, { ...CALL, values })) === usual ? [] : [path.join('.')];
        },
        FEW,
      );
      assert.deepEqual(changed.flat(), []);
    });

    it('refuses a value of another type, at every place', async () => {
      // One call for all: Helm names each place that does not match.
      const { leaves } = places(CHART);
      const wrong = leaves.flatMap(({ path, schema }) => {
        const [value] = wrongFor(schema);
        return value === undefined ? [] : [{ path, value }];
      });
      const values = valuesWith(wrong);
      await assert.rejects(template(helm, { ...CALL, values }), ({ message }: Error) => {
        for (const { path } of wrong)
          assert.ok(message.includes(`'/${path.join('/')}'`), path.join('.'));
        return true;
      });
    });
  });
}

describe('what `helm test` runs', () => {
  it('passes if the collector is ready and has the keys, and sends no event', async (t) => {
    const { url, output } = await start(t, { file: aFile(t) });
    const script = readFileSync(join(CHART, 'files/ready.mjs'), 'utf8');
    const args = ['--input-type=module', '--eval', script];
    const env = { URL: url, COLLECTOR_WRITE_KEY: ` ${WRITE_KEY} ,other`, COLLECTOR_READ_KEY: 'r' };
    const { code, problem } = await runToEnd(process.execPath, args, { env });
    assert.equal(code, 0, problem);
    assert.match(output.at(-1) ?? '', /"accepted":0,"duplicates":0,"refused":\{\}/);
  });
});
