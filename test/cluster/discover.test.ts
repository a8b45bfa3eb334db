import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeRequest } from '../../src/cluster/connect.ts';
import { discovery } from '../../src/cluster/discover.ts';
import { KubeStatusError, MalformedAnswerError } from '../../src/cluster/errors.ts';
import { jsonBody } from '../support/json-body.ts';

const GROUP = '/apis/gateway.kusk.io/v1alpha1';
const signal = new AbortController().signal;

/** An API server that answers with these, one after the other; the last one stays. */
function setup(...answers: readonly unknown[]) {
  const paths: string[] = [];
  const request = (async (path: string) => {
    const answer = answers[Math.min(paths.length, answers.length - 1)];
    paths.push(path);
    if (answer instanceof Error) throw answer;
    return { body: jsonBody(answer) };
  }) as unknown as KubeRequest;
  return { discover: discovery({ request }), paths };
}

describe('discovery', () => {
  const cases = [
    {
      title: 'finds the kinds by their names, whatever the plural',
      resources: [
        { kind: 'API', name: 'apis' },
        { kind: 'EnvoyFleet', name: 'envoyfleet' },
        { kind: 'StaticRoute', name: 'staticroutes' },
      ],
      paths: [
        ['API', `${GROUP}/apis`],
        ['StaticRoute', `${GROUP}/staticroutes`],
        ['EnvoyFleet', `${GROUP}/envoyfleet`],
      ],
    },
    {
      title: 'does not take a subresource for the resource',
      resources: [
        { kind: 'API', name: 'apis/status' },
        { kind: 'Scale', name: 'apis/scale' },
        { kind: 'API', name: 'apis' },
      ],
      paths: [['API', `${GROUP}/apis`]],
    },
    {
      title: 'leaves out what is not there',
      resources: [{ kind: 'Portal', name: 'portals' }],
      paths: [],
    },
    { title: 'leaves out what has no name', resources: [{ kind: 'API', name: 7 }], paths: [] },
  ];
  for (const { title, resources, paths } of cases) {
    it(title, async () => {
      const { discover } = setup({ resources });
      assert.deepEqual([...(await discover(signal))], paths);
    });
  }

  it('finds nothing where the group is not there', async () => {
    const { discover } = setup(new KubeStatusError(404));
    assert.equal((await discover(signal)).size, 0);
  });

  it('fails as the API server does', async () => {
    const { discover } = setup(new KubeStatusError(503), { resources: [] });
    await assert.rejects(discover(signal), { status: 503 });
    assert.equal((await discover(signal)).size, 0);
  });

  for (const answer of [null, {}, { resources: 'none' }, []]) {
    it(`refuses ${JSON.stringify(answer)}`, async () => {
      await assert.rejects(setup(answer).discover(signal), MalformedAnswerError);
    });
  }

  it('asks once for all who ask at the same time, and again for who asks later', async () => {
    const { discover, paths } = setup({ resources: [] });
    await Promise.all([discover(signal), discover(signal), discover(signal)]);
    assert.deepEqual(paths, [GROUP]);
    await discover(signal);
    assert.equal(paths.length, 2);
  });
});
