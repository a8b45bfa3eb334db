import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { PLAIN } from '../../tools/chart/render.ts';
import type { Cluster } from './cluster.ts';
import type { Helm } from './helm.ts';
import { parse, type Rendered, render } from './rendered.ts';

const DEPLOY = join(import.meta.dirname, '../../deploy');
const OFF = join(DEPLOY, 'overlays/analytics-off');
const DOCS = join(import.meta.dirname, '../../docs/install.md');
const HOME = '/api/v1/namespaces/kusk-system/configmaps';
const LEDGER = `${HOME}/kusk-gateway-ledger`;

/** What says that Helm has made something. */
const SWITCHES = 'kusk-gateway-manager';
const OF_HELM = ['helm.sh/chart', 'app.kubernetes.io/managed-by', 'helm.sh/resource-policy'];

const CASES = [
  { title: 'deploy/', folder: DEPLOY, set: [] },
  { title: 'deploy/overlays/analytics-off', folder: OFF, set: ['analytics.enabled=false'] },
];

/** deploy/ is the chart without Helm. */
export function deploySuite(cluster: () => Cluster): void {
  describe('plain manifests', () => {
    let helm: Helm;
    before(async () => {
      helm = await cluster().helm('helm');
    });
    after(() => cluster().cp.kubectl(['delete', '--ignore-not-found', '-k', DEPLOY]));

    for (const { title, folder, set } of CASES) {
      it(`of ${title} are what the chart makes`, async () => {
        const plain = parse(await cluster().cp.kubectl(['kustomize', folder]));
        const all = await render(helm, {
          release: PLAIN.release,
          set: [...PLAIN.set, ...set],
        });
        // What plain manifests lack they can't overwrite.
        const isLeftOut = ({ kind, metadata }: Rendered) =>
          set.length === 0 && kind === 'ConfigMap' && metadata.name === SWITCHES;
        const charted = all.filter((object) => !isLeftOut(object));
        const home = { kind: 'Namespace', metadata: { name: 'kusk-system' } };
        assert.deepEqual(comparable(plain), comparable([...charted, home]));
        for (const { metadata } of plain) assert.doesNotMatch(JSON.stringify(metadata), /helm/i);
      });
    }

    it('are applied, and applied again, without emptying the ledger, and switch it off beside a file by hand', async () => {
      const { client, cp } = cluster();
      await cp.kubectl(['apply', '-k', DEPLOY]);
      const { metadata } = await client.must('GET', LEDGER);
      await client.must('PATCH', LEDGER, { data: { 'ledger.json': '{}' } });
      await cp.kubectl(['apply', '-k', DEPLOY]);
      const file = 'analytics: {endpoint: http://collector}';
      const created = ['create', 'configmap', SWITCHES, '--namespace', 'kusk-system'];
      await cp.kubectl([...created, `--from-literal=config.yaml=${file}`]);
      await cp.kubectl(['apply', '-k', OFF]);
      const ledger = await client.must('GET', LEDGER);
      assert.equal(ledger.metadata.uid, metadata.uid);
      assert.deepEqual(ledger.data, { 'ledger.json': '{}' });
      const { data } = await client.must('GET', `${HOME}/${SWITCHES}`);
      assert.deepEqual(data, { ANALYTICS_ENABLED: 'false', 'config.yaml': file });
    });

    it('are removed by the commands of docs/install.md, which keep the ledger and an opt-out', async () => {
      const { client, cp } = cluster();
      const optOut = ['create', 'configmap', 'kusk-gateway-opt-out', '-n', 'kusk-system'];
      await cp.kubectl([...optOut, '--from-literal=enabled=false']);
      const ledger = await client.must('GET', LEDGER);
      const commands = (await readFile(DOCS, 'utf8')).match(/(?<=^kubectl )delete .+,.+$/gm) ?? [];
      assert.equal(commands.length, 2);
      for (const command of commands) await cp.kubectl(command.split(' '));
      const kinds = 'deploy,svc,sa,role,rolebinding,lease,cm,clusterrole,clusterrolebinding';
      const all = ['get', kinds, '--all-namespaces', '--output=name', '--selector'];
      assert.deepEqual(
        (await cp.kubectl([...all, `app.kubernetes.io/instance=${PLAIN.release}`])).split('\n'),
        ['configmap/kusk-gateway-ledger', 'configmap/kusk-gateway-manager', ''],
      );
      assert.deepEqual(await client.must('GET', LEDGER), ledger);
      await client.must('GET', `${HOME}/kusk-gateway-opt-out`);
      await cp.kubectl(['get', 'crd/apis.gateway.kusk.io']);
    });
  });
}

/** Objects by kind and name, without what only Helm puts there. */
function comparable(objects: readonly Pick<Rendered, 'kind' | 'metadata'>[]) {
  return Object.fromEntries(
    objects.map((object) => [
      `${object.kind}/${object.metadata.name}`,
      object.kind === 'CustomResourceDefinition' ? (object as Rendered).spec : plain(object),
    ]),
  );
}

function plain(object: Pick<Rendered, 'kind' | 'metadata'>): unknown {
  const { labels = {}, annotations = {}, ...rest } = object.metadata;
  // What keeps the ConfigMap of Kusk Gateway 1.x from being changed.
  const { binaryData, ...others } = object as typeof object & { readonly binaryData?: unknown };
  const own = (texts: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(texts).filter(([key]) => !OF_HELM.includes(key)));
  return { ...others, apiVersion: '', metadata: { ...rest, ...own(labels), ...own(annotations) } };
}
