import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { eventually } from '../../lab/support/eventually.ts';
import type { KubeObject } from '../../lab/support/kube-client.ts';
import { MONITORS, restricted } from './admitted.ts';
import { onCluster } from './cluster.ts';
import { fewRightsSuite } from './few-rights.ts';
import { COLLECTOR_CHART as CHART, type HelmVersion, setting, VERSIONS } from './helm.ts';
import { parse, type Rendered } from './rendered.ts';

const cluster = onCluster();

const CLICKHOUSE = setting(['clickhouse.url=clickhouse://u@h:8123/d']);

interface List extends KubeObject {
  readonly items: readonly KubeObject[];
}

interface StatefulSet extends KubeObject {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
    };
  };
}

fewRightsSuite(cluster);

for (const version of VERSIONS) {
  describe(`the collector's chart on a real API server, by ${version}`, () => {
    const namespace = `collector-${version}`;
    const release = ['kusk-collector', CHART, '--namespace', namespace];
    const core = `/api/v1/namespaces/${namespace}`;

    async function keys() {
      const { data } = await cluster().client.must('GET', `${core}/secrets/kusk-collector`);
      return data;
    }

    async function checksumOfPod(): Promise<string | undefined> {
      const path = `/apis/apps/v1/namespaces/${namespace}/statefulsets/kusk-collector`;
      const { spec } = (await cluster().client.must('GET', path)) as StatefulSet;
      return spec.template.metadata.annotations['checksum/keys'];
    }

    async function uidOfClaim(): Promise<string> {
      const path = `${core}/persistentvolumeclaims/kusk-collector`;
      return (await cluster().client.must('GET', path)).metadata.uid;
    }

    it('has a pod in a restricted namespace, and keeps keys and volume through everything', async () => {
      const { client } = cluster();
      await client.must('POST', '/api/v1/namespaces', restricted(namespace));
      const helm = await cluster().helm(version, { validates: true });
      await helm.run(['install', ...release]);
      await eventually(async () => {
        const { items } = (await client.must('GET', `${core}/pods`)) as List;
        assert.deepEqual(
          items.map(({ metadata }) => metadata.name),
          ['kusk-collector-0'],
        );
      });
      const first = { keys: await keys(), claim: await uidOfClaim() };
      assert.equal(Object.keys(first.keys ?? {}).length, 2);
      await helm.run(['upgrade', ...release, ...setting(['public=true', 'backup.enabled=true'])]);
      await helm.run(['upgrade', ...release, '--reuse-values']);
      assert.deepEqual({ keys: await keys(), claim: await uidOfClaim() }, first);
      await helm.run(['uninstall', 'kusk-collector', '--namespace', namespace]);
      await helm.run(['install', ...release]);
      assert.deepEqual({ keys: await keys(), claim: await uidOfClaim() }, first);
      await helm.run(['upgrade', ...release, ...setting(['keys.read=mine'])]);
      const { readKey, writeKey } = (await keys()) ?? {};
      assert.deepEqual(
        { readKey, writeKey },
        {
          readKey: Buffer.from('mine').toString('base64'),
          writeKey: first.keys?.writeKey,
        },
      );
    });

    it('restarts the pod after its Secret was deleted, as the keys are new ones, and by no other upgrade', async () => {
      const helm = await cluster().helm(version);
      await helm.run(['upgrade', ...release, '--reset-values']);
      const [stored, before] = [await keys(), await checksumOfPod()];
      await helm.run(['upgrade', ...release, ...setting(['logLevel=debug'])]);
      assert.deepEqual([await keys(), await checksumOfPod()], [stored, before]);
      await cluster().client.must('DELETE', `${core}/secrets/kusk-collector`);
      await helm.run(['upgrade', ...release]);
      assert.notDeepEqual(await keys(), stored);
      const after = await checksumOfPod();
      assert.notEqual(after, before);
      await helm.run(['upgrade', ...release]);
      assert.equal(await checksumOfPod(), after);
    });

    it('names the port that a policy of the operator must open, if the Service has another', async () => {
      const helm = await cluster().helm(version);
      const dryRun = ['install', ...release, '--dry-run=client'];
      assert.doesNotMatch(await helm.run(dryRun), /receiverPorts/);
      const notes = await helm.run([...dryRun, ...setting(['service.port=80'])]);
      assert.match(notes, /^ {2}--set 'networkPolicy\.receiverPorts=\{8090\}'$/m);
    });

    it('warns of a read key that is short, in the values or stored by an older chart', async () => {
      const helm = await cluster().helm(version);
      const notes = (set: readonly string[]) =>
        helm.run(['upgrade', ...release, '--dry-run=server', '--reset-values', ...setting(set)]);
      assert.doesNotMatch(await notes(['keys.read=of-sixteen-chars']), /WARNING/);
      const given = await notes(['keys.read=of-15-character']);
      assert.match(
        given,
        /^WARNING: the read key has 15 characters, .* prints into keys\.read\.$/m,
      );
      await helm.run(['upgrade', ...release, ...setting(['keys.read=mine'])]);
      const stored =
        /^WARNING: the read key has 4 .* into the key readKey of Secret kusk-collector\.$/m;
      assert.match(await notes([]), stored);
    });
  });
}

describe('a pod that has not become ready', () => {
  for (const version of VERSIONS) {
    it(`is replaced by an upgrade and by a rollback, by ${version}`, async () => {
      const namespace = `collector-repaired-${version}`;
      const release = ['kusk-collector', CHART, '--namespace', namespace, '--create-namespace'];
      const helm = await cluster().helm(version);

      async function untilPodHas(tag: string): Promise<void> {
        await eventually(async () => {
          const path = `/api/v1/namespaces/${namespace}/pods`;
          const { items } = (await cluster().client.must('GET', path)) as List;
          assert.equal(items.length, 1);
          assert.match(JSON.stringify(items[0]?.spec), new RegExp(`"image":"[^"]*:${tag}"`));
        });
      }

      // Without a node no pod is ever ready.
      await helm.run(['install', ...release, ...setting(['image.tag=wrong'])]);
      await untilPodHas('wrong');
      await helm.run(['upgrade', ...release, ...setting(['image.tag=right'])]);
      await untilPodHas('right');
      await helm.run(['rollback', 'kusk-collector', '1', '--namespace', namespace]);
      await untilPodHas('wrong');
    });
  }
});

describe('a StatefulSet that finds its pods by other labels', () => {
  for (const version of VERSIONS) {
    it(`is refused by ${version}, before the Service is changed`, async () => {
      const namespace = `collector-renamed-${version}`;
      const release = ['kusk-collector', CHART, '--namespace', namespace, '--create-namespace'];
      const helm = await cluster().helm(version);
      const name = 'fullnameOverride=kusk-collector';
      await helm.run(['install', ...release, ...setting([name])]);
      const service = `/api/v1/namespaces/${namespace}/services/kusk-collector`;
      const { spec } = await cluster().client.must('GET', service);
      await assert.rejects(
        helm.run(['upgrade', ...release, ...setting([name, 'nameOverride=edge'])]),
        /The StatefulSet kusk-collector finds its pods by other labels.*delete statefulset kusk-collector/s,
      );
      assert.deepEqual((await cluster().client.must('GET', service)).spec, spec);
    });
  }
});

describe('a change to ClickHouse that fails', () => {
  for (const version of VERSIONS) {
    it(`leaves no pods behind the Service of SQLite, by ${version}`, async () => {
      const { apps, core, release, helm } = await installed(`collector-failed-${version}`, version);
      const { client } = cluster();
      // Without a node no pod is ever ready.
      const fails = ['upgrade', ...release, ...CLICKHOUSE, '--wait', '--timeout', '1s'];
      await assert.rejects(helm.run(fails));
      await helm.run(['rollback', 'kusk-collector', ...release.slice(2)]);
      const { status } = await client.send('GET', `${apps}/deployments/kusk-collector`);
      assert.equal(status, 404);
      await assert.rejects(helm.run(fails));
      for (const _ of ['back', 'again']) {
        await helm.run(['upgrade', ...release, '--reset-values']);
        const sqlite = await client.must('GET', `${apps}/statefulsets/kusk-collector`);
        const left = await client.must('GET', `${apps}/deployments/kusk-collector`);
        const service = await client.must('GET', `${core}/services/kusk-collector`);
        assert.ok(isBehind(service, sqlite));
        assert.ok(!isBehind(service, left));
      }
    });

    it(`can be taken back and tried again after a failure half-way, by ${version}`, async () => {
      const { apps, core, release, helm } = await installed(
        `collector-halfway-${version}`,
        version,
        await olderChart(),
      );
      const { client } = cluster();
      // Helm creates Ingresses after Deployments, and deletes nothing before.
      const refused = setting(['ingress.enabled=true', 'ingress.hosts={a_b}']);
      for (const [next, kept] of [
        [[], 'statefulsets'],
        [CLICKHOUSE, 'deployments'],
      ] as const) {
        const halfWay = helm.run(['upgrade', ...release, ...CLICKHOUSE, ...refused]);
        await assert.rejects(halfWay, /Ingress/);
        const left = await client.must('GET', `${apps}/deployments/kusk-collector`);
        await client.must('GET', `${apps}/statefulsets/kusk-collector`);
        await helm.run(['upgrade', ...release, '--reset-values', ...next]);
        const service = await client.must('GET', `${core}/services/kusk-collector`);
        assert.ok(isBehind(service, await client.must('GET', `${apps}/${kept}/kusk-collector`)));
        assert.equal(isBehind(service, left), kept === 'deployments');
      }
      const { status } = await client.send('GET', `${apps}/statefulsets/kusk-collector`);
      assert.equal(status, 404);
    });
  }
});

describe('a collector of a chart whose pods did not name their store', () => {
  it('has its pods behind the Service until others have replaced them', async () => {
    const namespace = 'collector-unnamed';
    const { apps, core, release, helm } = await installed(namespace, 'helm', await olderChart());
    const { client } = cluster();
    const path = `${apps}/statefulsets/kusk-collector`;
    const old = await client.must('GET', path);
    for (const isAgain of [false, true]) {
      await rolledOut(path);
      await helm.run(['upgrade', ...release]);
      const service = await client.must('GET', `${core}/services/kusk-collector`);
      assert.equal(isBehind(service, old), !isAgain);
      assert.ok(isBehind(service, await client.must('GET', path)));
    }
  });

  it('has them there through all upgrades whose pods do not become ready', async () => {
    const namespace = 'collector-stuck';
    const { apps, core, release, helm } = await installed(
      namespace,
      'helm',
      await olderChart(),
      CLICKHOUSE,
    );
    const { client } = cluster();
    const path = `${apps}/deployments/kusk-collector`;
    await rolledOut(path);
    const old = await client.must('GET', path);
    for (const tag of ['wrong', 'wrong-too']) {
      await helm.run(['upgrade', ...release, ...CLICKHOUSE, ...setting([`image.tag=${tag}`])]);
      assert.ok(isBehind(await client.must('GET', `${core}/services/kusk-collector`), old));
      // Without a node no pod is ever ready, and so the old one stays.
      await eventually(async () => assert.equal((await statusOf(path)).replicas, 2));
    }
  });
});

/** Copies the chart, without the label that names the store. */
async function olderChart(): Promise<string> {
  const folder = join(await mkdtemp(join(cluster().cp.folder, 'older-')), 'kusk-collector');
  await cp(CHART, folder, { recursive: true });
  const file = join(folder, 'templates/_neighbours.tpl');
  const text = await readFile(file, 'utf8');
  const older = text.replace(/^telemetry\.kusk\.io\/store: .*$/m, '');
  assert.notEqual(older, text);
  await writeFile(file, older);
  return folder;
}

interface Status {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
}

async function statusOf(path: string): Promise<Status & { readonly generation: number }> {
  const { metadata, status } = (await cluster().client.must('GET', path)) as KubeObject & {
    readonly metadata: { readonly generation: number };
    readonly status: Status;
  };
  return { ...status, generation: metadata.generation };
}

/** Waits until all pods of a workload are those of its newest template. */
async function rolledOut(path: string): Promise<void> {
  await eventually(async () => {
    const { generation, ...status } = await statusOf(path);
    const { observedGeneration, replicas, updatedReplicas } = status;
    assert.deepEqual([observedGeneration, replicas, updatedReplicas], [generation, 1, 1]);
  });
}

/** Installs a chart into a namespace. Returns what to upgrade to. */
async function installed(
  namespace: string,
  version: HelmVersion,
  chart = CHART,
  values: readonly string[] = [],
) {
  const helm = await cluster().helm(version);
  const where = ['--namespace', namespace];
  await helm.run(['install', 'kusk-collector', chart, ...where, '--create-namespace', ...values]);
  const [apps, core] = ['/apis/apps', '/api'].map((api) => `${api}/v1/namespaces/${namespace}`);
  return { apps, core, release: ['kusk-collector', CHART, ...where], helm };
}

/** Whether a Service finds the pods of a StatefulSet or a Deployment. */
function isBehind({ spec: service }: KubeObject, { spec: workload }: KubeObject): boolean {
  const { selector } = service as { readonly selector: Readonly<Record<string, string>> };
  const { template } = workload as { readonly template: Pick<Rendered, 'metadata'> };
  const { labels = {} } = template.metadata;
  return Object.entries(selector).every(([name, value]) => labels[name] === value);
}

describe('every object of the chart', () => {
  it('is admitted by the API server, and its pods by Pod Security', async () => {
    const { client, cp } = cluster();
    const namespace = 'collector-admitted';
    await client.must('POST', '/api/v1/namespaces', restricted(namespace));
    const crds = MONITORS.map((crd) => JSON.stringify(crd)).join('\n---\n');
    await cp.kubectl(['apply', '-f', '-'], { input: crds });
    await eventually(() => cp.kubectl(['get', 'servicemonitors']));
    await cp.kubectl(['create', 'serviceaccount', 'kusk-collector', '-n', namespace]);
    const helm = await cluster().helm('helm');
    for (const name of readdirSync(join(CHART, 'ci'))) {
      const input = readFileSync(join(CHART, 'ci', name), 'utf8');
      const args = ['template', 'kusk-collector', CHART, '--namespace', namespace, '-f', '-'];
      const objects = parse(await helm.run(args, { input }));
      const all = [...objects, ...objects.flatMap(podsOf)].map((object) => JSON.stringify(object));
      const dry = ['apply', '--dry-run=server', '--validate=strict', '-n', namespace, '-f', '-'];
      await cp.kubectl(dry, { input: all.join('\n---\n') });
    }
  });
});

/** Returns the pods that an object would create. */
function podsOf({ kind, spec }: Rendered): readonly object[] {
  const { template, jobTemplate } = (spec ?? {}) as {
    readonly template?: object;
    readonly jobTemplate?: { readonly spec: { readonly template: object } };
  };
  const pod = jobTemplate?.spec.template ?? template;
  if (pod === undefined) return [];
  const metadata = { name: `pod-of-${kind.toLowerCase()}` };
  return [{ apiVersion: 'v1', kind: 'Pod', ...pod, metadata }];
}
