import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { places, valuesWith, wrongFor } from './fuzz.ts';
import { type Helm, helmOf, VERSIONS } from './helm.ts';
import { names, type RenderCall, render, template } from './rendered.ts';

const CUT = `fullnameOverride: ${'a'.repeat(47)}.c`;
const CASES = [
  {
    title: 'a release whose name no Service can have',
    release: 'my.release',
    kubeVersion: '1.36.0',
    told: 'The Service would be called my.release-kusk-gateway-manager, but Kubernetes accepts only lower-case letters, digits and hyphens there. Write another fullnameOverride, such as kusk-gateway.',
  },
  {
    title: 'a release whose name begins with a digit',
    release: '1st',
    kubeVersion: '1.35.9',
    told: 'The Service would be called 1st-kusk-gateway-manager, but Kubernetes accepts only lower-case letters, digits and hyphens there, and before 1.36 (--kube-version) a letter first.',
  },
  {
    title: 'a name that is cut at a dot',
    values: `{${CUT}, service: {name: metrics}}`,
    told: 'The Deployment would be called',
  },
  {
    title: 'a name of the Service with a dot',
    values: 'service: {name: a.b}',
    told: 'Write another service.name, such as kusk-gateway.',
  },
  {
    title: 'a switch that is neither true nor false',
    values: 'analytics: {enabled: maybe}',
    told: 'analytics.enabled is "maybe", which is neither true nor false. Write true or false.',
  },
  {
    title: 'a number that is no switch',
    values: 'analytics: {enable: 2}',
    told: 'analytics.enable is 2, which is neither true nor false',
  },
  {
    title: 'a switch in the environment that cannot be understood',
    values: 'manager: {env: [{name: DO_NOT_TRACK, value: perhaps}]}',
    told: 'DO_NOT_TRACK in manager.env is "perhaps", which is neither true nor false',
  },
  {
    title: 'a misspelt switch',
    values: 'analytics: {enabeld: false}',
    told: 'analytics.enabeld is not known: to switch telemetry off, write analytics.enabled: false',
  },
  {
    title: 'the switch of a parent chart, without one',
    values: 'enabled: false',
    told: 'enabled is for a parent chart, and switches nothing off here: write enabled: true, and analytics.enabled: false to switch telemetry off',
  },
  {
    title: 'several replicas without a leader',
    values: '{replicaCount: 2, manager: {enableLeaderElection: false}}',
    told: 'Write manager.enableLeaderElection: true',
  },
  {
    title: 'a budget that blocks every drain',
    values: 'podDisruptionBudget: {minAvailable: 1}',
    told: 'podDisruptionBudget.minAvailable is 1 of 1 replicas: no node with one of them could be drained',
  },
  {
    title: 'a budget of all pods',
    values: '{replicaCount: 3, podDisruptionBudget: {minAvailable: 100%}}',
    told: 'no node with one of them could be drained',
  },
  {
    title: 'a monitor of what nobody can reach',
    values:
      '{serviceMonitor: {enabled: true}, manager: {metrics: {bindAddress: "127.0.0.1:8080"}}}',
    told: 'Write manager.metrics.bindAddress: ":8080"',
  },
  {
    title: 'a variable that is neither text nor number',
    values: 'manager: {env: [{name: A, value: [b]}]}',
    told: "at '/manager/env/0/value': got array",
  },
  {
    title: 'an endpoint that is no URL',
    values: 'analytics: {endpoint: collector}',
    told: "at '/analytics/endpoint': 'collector' does not match pattern",
  },
];

for (const version of VERSIONS) {
  describe(`what ${version} refuses`, () => {
    const { groups, leaves } = places();
    let helm: Helm;
    before(async () => {
      helm = await helmOf(version);
    });

    async function assertRefused(call: RenderCall, ...told: readonly string[]) {
      await assert.rejects(template(helm, call), ({ message }: Error) => {
        for (const part of told) assert.ok(message.includes(part), `${part}\n${message}`);
        return true;
      });
    }

    for (const { title, told, ...call } of CASES) {
      it(title, () => assertRefused(call, told));
    }

    it('no name that Kubernetes accepts', async () => {
      const call = { release: '1.release', values: 'service: {name: 1st}', kubeVersion: '1.36.0' };
      const objects = await render(helm, call);
      assert.ok(names(objects).includes('Deployment/1.release-kusk-gateway-manager'));
      assert.ok(names(objects).includes('Service/1st'));
    });

    it('a value of each wrong type in each of its places, naming the place', async () => {
      for (const round of [0, 1, 2, 3]) {
        const settings = leaves.flatMap(({ path, schema }) => {
          const wrong = wrongFor(schema);
          return round < wrong.length ? [{ path, value: wrong[round] }] : [];
        });
        const told = settings.map(({ path }) => `at '/${path.join('/')}': got `);
        await assertRefused({ values: valuesWith(settings) }, ...told);
      }
    });

    it('an unknown key in each group of keys, naming the key', async () => {
      const strict = groups.filter(({ path }) => path.join() !== 'analytics');
      const settings = strict.map(({ path }) => ({ path: [...path, 'unheardOf'], value: 1 }));
      const told = strict.map(
        ({ path }) =>
          `at '${path.map((key) => `/${key}`).join('')}': additional properties 'unheardOf' not allowed`,
      );
      await assertRefused({ values: valuesWith(settings) }, ...told);
    });
  });
}
