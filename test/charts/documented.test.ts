import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { dump, loadAll } from 'js-yaml';
import { ROOT } from '../../lab/support/root.ts';
import { readConfigFile } from '../../src/consent/config-file.ts';
import { parseConfig } from '../../src/operator/config/config.ts';
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

describe('docs/install.md', () => {
  const page = readFileSync(join(ROOT, 'docs/install.md'), 'utf8');

  it('proves that nothing leaves by a policy that lets the pod reach the API server only', async () => {
    const [, section = ''] = page.split('\n### Prove that nothing leaves\n');
    const [, command = ''] = /^```sh\n(.*?)^```$/ms.exec(section) ?? [];
    const typed = command.replace('ADDRESS', '192.0.2.1').replace('PORT', '6443');
    const set = [...typed.matchAll(/--set '?([^'\s]+)/g)].map(([, value = '']) => value);
    const { spec } = find(await render(helm, { set }), 'NetworkPolicy');
    assert.deepEqual((spec as { readonly egress: unknown }).egress, [
      { ports: [{ port: 6443, protocol: 'TCP' }], to: [{ ipBlock: { cidr: '192.0.2.1/32' } }] },
    ]);
  });

  it('has a configuration file with an endpoint of your own that the operator accepts', () => {
    const [, section = ''] = page.split('\n## An endpoint of your own\n');
    const [, text = ''] = /^```yaml\n(.*?)^```$/ms.exec(section) ?? [];
    const file = readConfigFile('config.yaml', { text });
    const { endpoint, writeKey, deliveryProblems } = parseConfig(file, {});
    assert.deepEqual([...file.problems, ...deliveryProblems], []);
    assert.deepEqual(endpoint, new URL('http://kusk-collector.kusk-telemetry:8090'));
    assert.equal(writeKey, 'KEY');
  });
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
