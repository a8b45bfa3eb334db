import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { consentIn } from './consent-in.ts';
import { type Helm, helmOf, setting, VERSIONS } from './helm.ts';
import { parentChart } from './parent-chart.ts';
import { find, parse, type Rendered, render, template } from './rendered.ts';

const SPELLINGS = [false, 'False', 'off', 'NO', 'n', 'f', 0, '0', '', ' "false" ', null];

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: unknown;
}

/** The manager's environment, by name. */
function environmentOf(objects: readonly Rendered[]): ReadonlyMap<string, Variable> {
  const { template: pod } = find(objects, 'Deployment').spec as {
    readonly template: {
      readonly spec: { readonly containers: readonly [{ readonly env: readonly Variable[] }] };
    };
  };
  const { env } = pod.spec.containers[0];
  const byName = new Map(env.map((variable) => [variable.name, variable]));
  assert.equal(byName.size, env.length, 'a variable is there twice');
  return byName;
}

const MORE = [{ secretRef: { name: 'more' } }];

for (const version of VERSIONS) {
  describe(`an opt-out in values, by ${version}`, () => {
    let helm: Helm;
    before(async () => {
      helm = await helmOf(version);
    });

    const assertOff = (objects: readonly Rendered[], title: string) => {
      assert.deepEqual(consentIn(objects), { key: 'false', file: undefined }, title);
      assert.equal(environmentOf(objects).get('ANALYTICS_ENABLED')?.value, 'false', title);
    };

    for (const key of ['enabled', 'enable']) {
      it(`in global.analytics.${key}, in every spelling, whatever analytics says`, async () => {
        for (const word of SPELLINGS) {
          const values = { global: { analytics: { [key]: word } }, analytics: { enabled: true } };
          assertOff(await render(helm, { values: JSON.stringify(values) }), JSON.stringify(word));
        }
      });
    }

    it('in global.analytics as a whole, and in analytics as a whole', async () => {
      for (const values of [
        { global: { analytics: null } },
        { global: { analytics: false } },
        { analytics: null },
      ]) {
        assertOff(await render(helm, { values: JSON.stringify(values) }), JSON.stringify(values));
      }
    });

    it('is not what other charts keep in global.analytics', async () => {
      for (const analytics of ['UA-1', { key: 'x' }, {}, true]) {
        const values = JSON.stringify({ global: { analytics } });
        assert.equal(consentIn(await render(helm, { values })).file, undefined, values);
      }
    });

    it('is refused in global.analytics if nobody can understand it', async () => {
      const values = 'global: {analytics: {enabled: maybe}}';
      await assert.rejects(template(helm, { values }), /global\.analytics\.enabled is "maybe"/);
    });

    it('is null in the values of a parent chart', async (t) => {
      for (const analytics of [
        { enabled: null },
        { enable: null },
        { enabled: null, endpoint: 'http://collector.example' },
      ]) {
        for (const values of [{ 'kusk-gateway': { analytics } }, { global: { analytics: {} } }]) {
          const isOurs = 'kusk-gateway' in values;
          if (!isOurs) values.global = { analytics: { enabled: null } };
          const chart = parentChart(t, values);
          const text = await helm.run(['template', 'kusk-gateway', chart, '-n', 'kusk-system']);
          assertOff(parse(text), JSON.stringify(values));
        }
      }
    });

    it('is null on the command line of a parent chart', async (t) => {
      const chart = parentChart(t);
      for (const set of ['kusk-gateway.analytics.enabled=null', 'kusk-gateway.analytics=null']) {
        const text = await helm.run(['template', 'kusk-gateway', chart, ...setting([set])]);
        assertOff(parse(text), set);
      }
    });

    it('is not there in a parent chart that says nothing, or true', async (t) => {
      for (const values of [
        {},
        { 'kusk-gateway': { replicaCount: 1 } },
        { 'kusk-gateway': { analytics: { enabled: true, endpoint: 'http://collector.example' } } },
      ]) {
        const text = await helm.run(['template', 'kusk-gateway', parentChart(t, values)]);
        assert.equal(consentIn(parse(text)).file, undefined, JSON.stringify(values));
      }
    });

    it('by manager.envFrom is hidden by no variable of the chart or of manager.env', async () => {
      for (const env of [
        [],
        [{ name: 'ANALYTICS_ENABLED', value: 'true' }],
        [{ name: 'DO_NOT_TRACK', value: '0' }],
      ]) {
        const values = JSON.stringify({ manager: { env, envFrom: MORE } });
        const environment = environmentOf(await render(helm, { values }));
        assert.equal(environment.has('ANALYTICS_ENABLED'), false, values);
        assert.equal(environment.has('DO_NOT_TRACK'), false, values);
      }
    });

    it('by any way stands against every other variable of the same name', async () => {
      for (const env of [
        [],
        [{ name: 'ANALYTICS_ENABLED', value: 'true' }],
        [{ name: 'ANALYTICS_ENABLED', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }],
      ]) {
        for (const envFrom of [[], MORE]) {
          const isUnclear = env.some((one) => 'valueFrom' in one) && envFrom.length > 0;
          if (isUnclear) continue;
          const values = { analytics: { enabled: false }, manager: { env, envFrom } };
          assertOff(await render(helm, { values: JSON.stringify(values) }), JSON.stringify(values));
        }
      }
    });

    it('by manager.env is left to the operator where its value is not here', async () => {
      const valueFrom = { secretKeyRef: { name: 'switches', key: 'telemetry' } };
      const values = JSON.stringify({
        manager: { env: [{ name: 'ANALYTICS_ENABLED', valueFrom }] },
      });
      const environment = environmentOf(await render(helm, { values }));
      assert.deepEqual(environment.get('ANALYTICS_ENABLED')?.valueFrom, valueFrom);
    });

    it('is refused where one of two that nobody can see would be lost', async () => {
      for (const name of ['ANALYTICS_ENABLED', 'DO_NOT_TRACK']) {
        const env = [{ name, valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }];
        const values = JSON.stringify({ manager: { env, envFrom: MORE } });
        await assert.rejects(
          template(helm, { values }),
          RegExp(`${name} in manager.env comes from`),
        );
      }
    });
  });
}

const WITHHELD = [
  'NODE_OPTIONS',
  'NODE_PATH',
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'KUBECONFIG',
  'LD_PRELOAD',
  'LD_AUDIT',
  'LD_LIBRARY_PATH',
  'OPENSSL_CONF',
];

for (const version of VERSIONS) {
  describe(`variables that load code, by ${version}`, () => {
    async function withheldBy(manager: object): Promise<readonly unknown[]> {
      const helm = await helmOf(version);
      const environment = environmentOf(
        await render(helm, { values: JSON.stringify({ manager }) }),
      );
      return WITHHELD.map((name) => environment.get(name)?.value);
    }

    it('can’t come from manager.envFrom', async () => {
      assert.deepEqual(
        await withheldBy({ envFrom: MORE }),
        WITHHELD.map(() => ''),
      );
    });

    it('can come from manager.env', async () => {
      const env = [{ name: 'NODE_OPTIONS', value: '--report-on-fatalerror' }];
      const [options, ...rest] = await withheldBy({ envFrom: MORE, env });
      assert.equal(options, '--report-on-fatalerror');
      assert.deepEqual(
        rest,
        WITHHELD.slice(1).map(() => ''),
      );
    });

    it('are not mentioned without manager.envFrom', async () => {
      assert.deepEqual(
        await withheldBy({}),
        WITHHELD.map(() => undefined),
      );
    });
  });
}
