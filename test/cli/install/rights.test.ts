import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { missingRights, rightText, type Verb } from '../../../src/cli/install/rights.ts';
import { covers, type Rule } from '../../../src/cli/install/rules.ts';
import { fakeApi } from './fake-api.ts';
import { anObject } from './fixtures.ts';

interface Attributes {
  readonly verb: string;
  readonly resource: string;
  readonly name?: string;
}

/** An API server that lists these rules, and allows these besides: `patch clusterroles a`. */
function setup(rules: readonly Rule[], allowed: readonly string[] = []) {
  return fakeApi({
    answers(path, body) {
      if (path.endsWith('/selfsubjectrulesreviews')) return { status: { resourceRules: rules } };
      const { spec } = body as { readonly spec: { readonly resourceAttributes: Attributes } };
      const { verb, resource, name } = spec.resourceAttributes;
      const asked = [verb, resource, name].filter((part) => part !== undefined).join(' ');
      return { status: { allowed: allowed.includes(asked) } };
    },
  });
}

const SERVICE = anObject({ name: 'a' });
const CLUSTER_ROLE = anObject({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  name: 'a',
  namespace: undefined,
});
const rights = (...verbs: readonly Verb[]) =>
  [SERVICE, CLUSTER_ROLE].flatMap((object) => verbs.map((verb) => ({ verb, object })));
const ALL: Rule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };

async function missing(server: ReturnType<typeof setup>, verbs: readonly Verb[]) {
  return (await missingRights(server.api, rights(...verbs))).map(rightText);
}

describe('the rights of an account', () => {
  it('are those that the API server lists for the namespace, in one request', async () => {
    const server = setup([ALL], ['create clusterroles', 'patch clusterroles']);
    assert.deepEqual(await missing(server, ['create', 'patch']), []);
    assert.equal(server.calls.length, 3);
  });

  it('in a namespace say nothing about what belongs to the cluster', async () => {
    assert.deepEqual(await missing(setup([ALL]), ['create']), ['create ClusterRole a']);
  });

  it('may be given by another authorizer, or by name', async () => {
    const server = setup([], ['create services', 'patch services a', 'create clusterroles']);
    assert.deepEqual(await missing(server, ['create', 'patch']), ['patch ClusterRole a']);
  });
});

describe('a rule', () => {
  const action = { verb: 'patch', group: 'apps', plural: 'deployments', name: 'a' };
  const rule = { verbs: ['patch'], apiGroups: ['apps'], resources: ['deployments'] };
  const cases = [
    { title: 'allows what it names', rule, action, is: true },
    { title: 'allows everything by stars', rule: ALL, action, is: true },
    {
      title: 'does not allow another verb',
      rule,
      action: { ...action, verb: 'delete' },
      is: false,
    },
    { title: 'does not allow another group', rule, action: { ...action, group: '' }, is: false },
    {
      title: 'does not allow a subresource’s parent',
      rule: { ...rule, resources: ['deployments/scale'] },
      action,
      is: false,
    },
    { title: 'with names allows these', rule: { ...rule, resourceNames: ['a'] }, action, is: true },
    {
      title: 'with names does not allow others',
      rule: { ...rule, resourceNames: ['b'] },
      action,
      is: false,
    },
    {
      title: 'with names never allows a create',
      rule: { ...rule, verbs: ['*'], resourceNames: ['a'] },
      action: { ...action, verb: 'create' },
      is: false,
    },
  ];
  for (const { title, rule: one, action: what, is } of cases) {
    it(title, () => assert.equal(covers(one, what), is));
  }
});
