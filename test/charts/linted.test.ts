import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { before, describe, it } from 'node:test';
import { ensure } from '../../lab/control-plane/ensure.ts';
import { command } from '../../lab/support/command.ts';
import { filesIn } from '../../lab/support/files-in.ts';
import { ROOT } from '../../lab/support/root.ts';
import { type Ended, runToEnd } from '../../lab/support/run.ts';
import { exceptionsIn } from './exceptions.ts';
import { CHART, COLLECTOR_CHART, type Helm, helmOf } from './helm.ts';
import { kubernetesSchemas } from './schemas.ts';

/** The kinds of other projects, whose schemas our API server does not have. */
const FOREIGN = 'ServiceMonitor,PrometheusRule';
/** A program that PyPI has, with two hundred packages. Its test runs if this names one. */
const CHECKOV = process.env.KUSK_TEST_CHECKOV;

const {
  kubeconform,
  'kube-score': kubeScore,
  kubectl,
} = await ensure(['kubeconform', 'kube-score', 'kubectl'], { env: process.env, log: console.log });
const schemas = await kubernetesSchemas();

function conform(input: string): Promise<Ended> {
  const place = join(schemas, '{{.ResourceKind}}{{.KindSuffix}}.json');
  const args = ['-strict', '-summary', '-skip', FOREIGN, '-schema-location', place, '-'];
  return runToEnd(kubeconform, args, { input });
}

async function assertConforms(input: string): Promise<void> {
  const { code, out } = await conform(input);
  assert.equal(code, 0, out);
  assert.match(out, /Valid: [1-9]\d*, Invalid: 0, Errors: 0/);
}

describe('kubeconform', () => {
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
  const container = { name: 'a', image: 'a', resources: { limits: { cpu: 1 } } };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } };
  const cases = [
    { title: 'takes what the API server takes', object: map, code: 0 },
    { title: 'takes null for what may be missing', object: { ...map, data: null }, code: 0 },
    {
      title: 'takes a number as a quantity',
      object: { ...pod, spec: { containers: [container] } },
      code: 0,
    },
    { title: 'refuses an unknown field', object: { ...map, date: {} }, code: 1 },
    { title: 'refuses a wrong type', object: { ...map, data: { a: 1 } }, code: 1 },
    { title: 'refuses what is missing', object: { ...pod, spec: {} }, code: 1 },
    { title: 'refuses an unknown kind', object: { ...map, kind: 'ConfigMop' }, code: 1 },
  ];
  for (const { title, object, code } of cases) {
    it(title, async () => {
      const ended = await conform(JSON.stringify(object));
      assert.equal(ended.code, code, ended.out);
    });
  }

  for (const folder of [
    'deploy',
    'deploy/overlays/analytics-off',
    'deploy/overlays/beside-gateway',
  ]) {
    it(`finds nothing in ${folder}`, async () => {
      await assertConforms(await command(kubectl, ['kustomize', join(ROOT, folder)]));
    });
  }

  it('finds nothing in the samples', async () => {
    const paths = await filesIn(ROOT, 'deploy/{crds,samples}/*.yaml');
    const { code, out } = await runToEnd('cat', paths, {});
    assert.equal(code, 0);
    await assertConforms(out.replaceAll(/^(?=apiVersion:)/gm, '---\n'));
  });
});

for (const chart of [CHART, COLLECTOR_CHART]) {
  describe(`the chart ${basename(chart)}, with each file of ci/`, () => {
    /** What Helm renders, by the name of the values file. */
    const rendered = new Map<string, string>();

    before(async () => {
      const helm: Helm = await helmOf('helm');
      for (const path of await filesIn(chart, 'ci/*.yaml')) {
        const args = ['template', basename(chart), chart, '--namespace', 'kusk-system'];
        rendered.set(basename(path), await helm.run([...args, '--values', path]));
      }
    });

    async function score(input: string, exceptions: readonly string[]): Promise<readonly string[]> {
      const args = ['score', '--output-format=ci', '--exit-one-on-warning', ...exceptions, '-'];
      const { code, out } = await runToEnd(kubeScore, args, { input });
      const findings = out.split('\n').filter((line) => /^\[(CRITICAL|WARNING)\]/.test(line));
      assert.equal(code, findings.length === 0 ? 0 : 1, out);
      return findings;
    }

    it('conforms to the schemas of the API server', async () => {
      for (const text of rendered.values()) await assertConforms(text);
    });

    it('has nothing that kube-score finds, but what is excepted beside it', async () => {
      const exceptions = await exceptionsIn(chart, 'kube-score');
      for (const [name, text] of rendered)
        assert.deepEqual(await score(text, exceptions), [], name);
    });

    it('needs each of these exceptions', async () => {
      const exceptions = await exceptionsIn(chart, 'kube-score');
      assert.ok(exceptions.length > 0);
      for (const exception of exceptions) {
        const others = exceptions.filter((other) => other !== exception);
        const findings = await Promise.all(
          [...rendered.values()].map((text) => score(text, others)),
        );
        assert.notDeepEqual(findings.flat(), [], exception);
      }
    });

    if (CHECKOV === undefined) return;

    it('has nothing that checkov finds, but what is excepted beside it', async (t) => {
      const folder = await mkdtemp(join(tmpdir(), 'kusk-checkov-'));
      t.after(() => rm(folder, { recursive: true }));
      for (const [name, text] of rendered) await writeFile(join(folder, name), text);
      const exceptions = await exceptionsIn(chart, 'checkov');
      const args = ['--quiet', '--compact', '--framework=kubernetes', '--directory', folder];
      const { code, out } = await runToEnd(CHECKOV, [...args, ...exceptions], {});
      assert.equal(code, 0, out);
    });
  });
}
