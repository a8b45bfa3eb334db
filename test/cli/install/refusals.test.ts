import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CommandError } from '../../../src/cli/command-error.ts';
import type { KubeObject } from '../../../src/cli/install/kube-object.ts';
import { type ClusterCommand, refuseForeign } from '../../../src/cli/install/refusals.ts';
import { anObject, aSnapshot, BY_KUBECTL, installed } from './fixtures.ts';

const HELM = { 'meta.helm.sh/release-name': 'gw', 'meta.helm.sh/release-namespace': 'kusk-system' };

function refused(objects: readonly KubeObject[], command: ClusterCommand = 'install') {
  try {
    refuseForeign(aSnapshot(objects), { command, flags: { context: 'prod' } });
    return undefined;
  } catch (error) {
    const { message, advice, exitCode } = error as CommandError;
    return { message, advice, exitCode };
  }
}

function deployment(name: string, container: object, annotations = {}) {
  const spec = { template: { spec: { containers: [{ image: 'x', ...container }] } } };
  return anObject({ kind: 'Deployment', name, annotations, labels: {}, rest: { spec } });
}

const OPERATOR = { args: ['--config=/etc/kusk-gateway/config.yaml'] };

describe('a cluster command', () => {
  for (const command of ['install', 'upgrade', 'uninstall'] as const) {
    it(`${command} leaves a release of Helm alone, whatever its name`, () => {
      const release = deployment('gw-kusk-gateway-manager', OPERATOR, HELM);
      const found = refused([release], command);
      assert.match(found?.message ?? '', /^Deployment .* belongs to Helm release gw\. Nothing/);
      assert.match(
        found?.advice ?? '',
        command === 'uninstall' ? /helm uninstall gw/ : /helm upgrade gw/,
      );
      assert.equal(found?.exitCode, 1);
    });
  }

  it('leaves an object alone that another program created under our name', () => {
    const by = [{ manager: 'terraform', operation: 'Apply' }];
    assert.match(refused([anObject({ by })])?.advice ?? '', /terraform/);
  });

  it('accepts what kusk or kubectl applied', () => {
    assert.equal(refused(installed()), undefined);
    assert.equal(refused(installed({}, [BY_KUBECTL])), undefined);
  });

  it('accepts CRDs, the ledger and the Lease of a release that is gone', () => {
    const kept = installed()
      .filter(
        ({ kind, metadata }) =>
          ['CustomResourceDefinition', 'Lease'].includes(kind) ||
          metadata.name === 'kusk-gateway-ledger',
      )
      .map((object) => ({ ...object, metadata: { ...object.metadata, annotations: HELM } }));
    assert.equal(kept.length, 5);
    assert.equal(refused(kept), undefined);
  });

  const gateways = [
    {
      title: 'a Deployment of our name that is not the operator',
      object: deployment('kusk-gateway-manager', {}),
    },
    {
      title: 'an image of the gateway',
      object: deployment('mine', { image: 'registry.example/kusk-gateway@sha256:0' }),
    },
    {
      title: 'one of its Services',
      object: anObject({ name: 'kusk-gateway-xds-service', rest: { spec: { ports: [] } } }),
    },
  ];
  for (const { title, object } of gateways) {
    it(`does not replace Kusk Gateway 1.x, by ${title}`, () => {
      const found = refused([object]);
      assert.match(found?.message ?? '', /Kusk Gateway 1\.x is in namespace kusk-system/);
      assert.match(found?.advice ?? '', /kusk cluster install --context prod -n kusk-telemetry$/);
    });
  }

  it('does not install a second operator beside one of another name', () => {
    const found = refused([deployment('mine', OPERATOR)]);
    assert.match(found?.message ?? '', /in namespace kusk-system already, as Deployment/);
  });
});
