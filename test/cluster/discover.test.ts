import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jsonBody } from '../../lab/support/json-body.ts';
import type { KubeRequest } from '../../src/cluster/connect.ts';
import { discovery } from '../../src/cluster/discover.ts';
import { KubeStatusError, MalformedResponseError } from '../../src/cluster/errors.ts';

const GROUP = '/apis/gateway.kusk.io';
const ALPHA = `${GROUP}/v1alpha1`;
const signal = new AbortController().signal;

type Documents = Readonly<Record<string, unknown>>;

/** An API server with these documents; what is not among them is a 404. */
function setup(first: Documents) {
  const paths: string[] = [];
  const server = { documents: first };
  const request = (async (path: string) => {
    paths.push(path);
    const document = path in server.documents ? server.documents[path] : new KubeStatusError(404);
    if (document instanceof Error) throw document;
    return { body: jsonBody(document) };
  }) as unknown as KubeRequest;
  return { discover: discovery({ request }), paths, server };
}

/** The group's document. */
function group(versions: readonly string[], preferred = versions[0]) {
  return {
    versions: versions.map((version) => ({ groupVersion: `gateway.kusk.io/${version}`, version })),
    preferredVersion: { groupVersion: `gateway.kusk.io/${preferred}`, version: preferred },
  };
}

/** An API server that serves these in v1alpha1. */
const alpha = (resources: unknown): Documents => ({
  [GROUP]: group(['v1alpha1']),
  [ALPHA]: { resources },
});

const RESOURCES = [
  { kind: 'API', name: 'apis' },
  { kind: 'StaticRoute', name: 'staticroutes' },
  { kind: 'EnvoyFleet', name: 'envoyfleets' },
];

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
        ['API', `${ALPHA}/apis`],
        ['StaticRoute', `${ALPHA}/staticroutes`],
        ['EnvoyFleet', `${ALPHA}/envoyfleet`],
      ],
    },
    {
      title: 'does not take a subresource for the resource',
      resources: [
        { kind: 'API', name: 'apis/status' },
        { kind: 'Scale', name: 'apis/scale' },
        { kind: 'API', name: 'apis' },
      ],
      paths: [['API', `${ALPHA}/apis`]],
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
      const { discover } = setup(alpha(resources));
      assert.deepEqual([...(await discover(signal))], paths);
    });
  }

  it('finds nothing where the group is not there', async () => {
    const { discover } = setup({});
    assert.equal((await discover(signal)).size, 0);
  });

  it('fails as the API server does', async () => {
    const { discover, server } = setup({ [GROUP]: new KubeStatusError(503) });
    await assert.rejects(discover(signal), { status: 503 });
    server.documents = alpha([]);
    assert.equal((await discover(signal)).size, 0);
  });

  for (const answer of [null, {}, { resources: 'none' }, []]) {
    it(`refuses ${JSON.stringify(answer)}`, async () => {
      const malformed = setup({ ...alpha([]), [ALPHA]: answer });
      await assert.rejects(malformed.discover(signal), MalformedResponseError);
    });
  }

  for (const answer of [null, {}, { versions: 'v1' }, []]) {
    it(`refuses the group ${JSON.stringify(answer)}`, async () => {
      await assert.rejects(setup({ [GROUP]: answer }).discover(signal), MalformedResponseError);
    });
  }

  it('asks once for all who ask at the same time, and again for who asks later', async () => {
    const { discover, paths } = setup(alpha([]));
    await Promise.all([discover(signal), discover(signal), discover(signal)]);
    assert.deepEqual(paths, [GROUP, ALPHA]);
    await discover(signal);
    assert.equal(paths.length, 4);
  });
});

describe('the version in which a kind is found', () => {
  it('is the only one that serves it, whatever that is', async () => {
    for (const version of ['v1', 'v1beta1', 'v2alpha7']) {
      const path = `${GROUP}/${version}`;
      const { discover } = setup({ [GROUP]: group([version]), [path]: { resources: RESOURCES } });
      assert.deepEqual(
        [...(await discover(signal))],
        RESOURCES.map(({ kind, name }) => [kind, `${path}/${name}`]),
      );
    }
  });

  it('is the preferred one, where several serve it', async () => {
    const { discover, paths } = setup({
      [GROUP]: group(['v1alpha1', 'v1'], 'v1'),
      [ALPHA]: { resources: RESOURCES },
      [`${GROUP}/v1`]: { resources: RESOURCES },
    });
    assert.equal((await discover(signal)).get('API'), `${GROUP}/v1/apis`);
    assert.deepEqual(paths, [GROUP, `${GROUP}/v1`], 'nothing more is asked than is needed');
  });

  it('is another one for a kind that the preferred one does not serve', async () => {
    const { discover } = setup({
      [GROUP]: group(['v1', 'v1beta1', 'v1alpha1']),
      [`${GROUP}/v1`]: { resources: RESOURCES.slice(0, 1) },
      [ALPHA]: { resources: RESOURCES },
    });
    assert.deepEqual(Object.fromEntries(await discover(signal)), {
      API: `${GROUP}/v1/apis`,
      StaticRoute: `${ALPHA}/staticroutes`,
      EnvoyFleet: `${ALPHA}/envoyfleets`,
    });
  });

  it('is another one after a change', async () => {
    const { discover, server } = setup(alpha(RESOURCES));
    assert.equal((await discover(signal)).get('API'), `${ALPHA}/apis`);
    server.documents = { [GROUP]: group(['v1']), [`${GROUP}/v1`]: { resources: RESOURCES } };
    assert.equal((await discover(signal)).get('API'), `${GROUP}/v1/apis`);
  });

  it('is none whose name would lead elsewhere', async () => {
    const { discover, paths } = setup({ [GROUP]: group(['../../v1', 'V1', '', 'v1?x']) });
    assert.equal((await discover(signal)).size, 0);
    assert.deepEqual(paths, [GROUP]);
  });
});
