import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { dump, loadAll } from 'js-yaml';
import { ROOT } from '../../lab/support/root.ts';
import { consentIn } from './consent-in.ts';
import { COLLECTOR_CHART, type Helm, helmOf } from './helm.ts';
import { find, render } from './rendered.ts';

const GITOPS = readFileSync(join(ROOT, 'docs/gitops.md'), 'utf8');

interface Example {
  readonly kind?: string;
  readonly spec: {
    readonly source: { readonly helm: { readonly valuesObject: object } };
    readonly values: object;
  };
}

/** Returns the example of that kind on the page of Argo CD and Flux. */
function exampleOf(kind: string): Example {
  const blocks = [...GITOPS.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, yaml = '']) => yaml);
  const examples = blocks.flatMap((yaml) => loadAll(yaml) as readonly Example[]);
  const example = examples.find((one) => one.kind === kind);
  assert.ok(example, kind);
  return example;
}

let helm: Helm;
before(async () => {
  helm = await helmOf('helm');
});

describe('docs/gitops.md', () => {
  const examples = [
    ['Application', ({ spec }: Example) => spec.source.helm.valuesObject],
    ['HelmRelease', ({ spec }: Example) => spec.values],
  ] as const;
  for (const [kind, valuesOf] of examples) {
    it(`has in its ${kind} an image, and the Secret with the write key that it creates`, async () => {
      const objects = await render(helm, { values: dump(valuesOf(exampleOf(kind))) });
      const pod = JSON.stringify(find(objects, 'Deployment'));
      assert.match(pod, /"image":"registry\.example\/kusk-gateway-telemetry:/);
      const created = /create secret generic (?<name>\S+) .*--from-literal=(?<key>\w+)=/;
      const { name, key } = created.exec(GITOPS)?.groups ?? {};
      const named = JSON.stringify({ secretKeyRef: { key, name } });
      assert.ok(pod.includes(`"name":"ANALYTICS_WRITE_KEY","valueFrom":${named}`), pod);
      assert.deepEqual(consentIn(objects), { key: undefined, file: undefined });
    });
  }
});

describe("the README of the collector's chart", () => {
  it('changes the write key by a value that has the new and the old one', async () => {
    const readme = readFileSync(join(COLLECTOR_CHART, 'README.md'), 'utf8');
    const [, value = ''] = /--set (keys\.write="\$new\\,\$old")/.exec(readme) ?? [];
    const typed = value.replace('$new', 'NEW').replace('$old', 'OLD').replaceAll('"', '');
    const objects = await render(helm, { chart: COLLECTOR_CHART, set: [typed] });
    const { writeKey = '' } = find(objects, 'Secret').data ?? {};
    assert.equal(Buffer.from(writeKey, 'base64').toString(), 'NEW,OLD');
  });
});
