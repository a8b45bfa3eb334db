import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeTime } from '../../lab/support/fake-time.ts';
import { jsonBody } from '../../lab/support/json-body.ts';
import type { KubeRequest } from '../../src/cluster/connect.ts';
import { discovery } from '../../src/cluster/discover.ts';
import { KubeStatusError, MalformedResponseError } from '../../src/cluster/errors.ts';

const GROUP = '/apis/gateway.kusk.io';
const ALPHA = `${GROUP}/v1alpha1`;
const signal = new AbortController().signal;
const NOW = Date.parse('2026-11-23T12:00:00.250Z');

type Documents = Readonly<Record<string, unknown>>;

/** An API server with these documents. Any other path is a 404. */
function setup(first: Documents, { date }: { readonly date?: string } = {}) {
  const { time } = fakeTime({ start: NOW });
  const paths: string[] = [];
  const server = { documents: first };
  const request = (async (path: string) => {
    paths.push(path);
    const missing = new KubeStatusError(404, date === undefined ? {} : { date });
    const document = path in server.documents ? server.documents[path] : missing;
    if (document instanceof Error) throw document;
    return { headers: { date }, body: jsonBody(document) };
  }) as unknown as KubeRequest;
  return { discover: discovery({ request, time }), paths, server };
}

/** Returns the group's document. */
function group(versions: readonly string[], preferred = versions[0]) {
  return {
    versions: versions.map((version) => ({ groupVersion: `gateway.kusk.io/${version}`, version })),
    preferredVersion: { groupVersion: `gateway.kusk.io/${preferred}`, version: preferred },
  };
}

/** Returns the documents of an API server with these resources in v1alpha1. */
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
      title: 'does not mistake a subresource for the resource',
      resources: [
        { kind: 'API', name: 'apis/status' },
        { kind: 'Scale', name: 'apis/scale' },
        { kind: 'API', name: 'apis' },
      ],
      paths: [['API', `${ALPHA}/apis`]],
    },
    {
      title: 'omits kinds that do not exist',
      resources: [{ kind: 'Portal', name: 'portals' }],
      paths: [],
    },
    { title: 'omits resources without a name', resources: [{ kind: 'API', name: 7 }], paths: [] },
  ];
  for (const { title, resources, paths } of cases) {
    it(title, async () => {
      const { discover } = setup(alpha(resources));
      assert.deepEqual([...(await discover(signal)).paths], paths);
    });
  }

  it('finds nothing if the group does not exist', async () => {
    const { discover } = setup({});
    assert.equal((await discover(signal)).paths.size, 0);
  });

  it('rejects with the error of the API server', async () => {
    const { discover, server } = setup({ [GROUP]: new KubeStatusError(503) });
    await assert.rejects(discover(signal), { status: 503 });
    server.documents = alpha([]);
    assert.equal((await discover(signal)).paths.size, 0);
  });

  for (const document of [null, {}, { resources: 'none' }, []]) {
    it(`refuses ${JSON.stringify(document)}`, async () => {
      const malformed = setup({ ...alpha([]), [ALPHA]: document });
      await assert.rejects(malformed.discover(signal), MalformedResponseError);
    });
  }

  for (const document of [null, {}, { versions: 'v1' }, []]) {
    it(`refuses the group ${JSON.stringify(document)}`, async () => {
      await assert.rejects(setup({ [GROUP]: document }).discover(signal), MalformedResponseError);
    });
  }

  it('sends one request for concurrent calls, and a new one for a later call', async () => {
    const { discover, paths } = setup(alpha([]));
    await Promise.all([discover(signal), discover(signal), discover(signal)]);
    assert.deepEqual(paths, [GROUP, ALPHA]);
    await discover(signal);
    assert.equal(paths.length, 4);
  });
});

describe('the version of a kind', () => {
  it('is the only one that serves it', async () => {
    for (const version of ['v1', 'v1beta1', 'v2alpha7']) {
      const path = `${GROUP}/${version}`;
      const { discover } = setup({ [GROUP]: group([version]), [path]: { resources: RESOURCES } });
      assert.deepEqual(
        [...(await discover(signal)).paths],
        RESOURCES.map(({ kind, name }) => [kind, `${path}/${name}`]),
      );
    }
  });

  it('is the preferred one if several serve it', async () => {
    const { discover, paths } = setup({
      [GROUP]: group(['v1alpha1', 'v1'], 'v1'),
      [ALPHA]: { resources: RESOURCES },
      [`${GROUP}/v1`]: { resources: RESOURCES },
    });
    assert.equal((await discover(signal)).paths.get('API'), `${GROUP}/v1/apis`);
    assert.deepEqual(paths, [GROUP, `${GROUP}/v1`], 'there are no unnecessary requests');
  });

  it('is another one for a kind that the preferred one does not serve', async () => {
    const { discover } = setup({
      [GROUP]: group(['v1', 'v1beta1', 'v1alpha1']),
      [`${GROUP}/v1`]: { resources: RESOURCES.slice(0, 1) },
      [ALPHA]: { resources: RESOURCES },
    });
    assert.deepEqual(Object.fromEntries((await discover(signal)).paths), {
      API: `${GROUP}/v1/apis`,
      StaticRoute: `${ALPHA}/staticroutes`,
      EnvoyFleet: `${ALPHA}/envoyfleets`,
    });
  });

  it('changes with the API server', async () => {
    const { discover, server } = setup(alpha(RESOURCES));
    assert.equal((await discover(signal)).paths.get('API'), `${ALPHA}/apis`);
    server.documents = { [GROUP]: group(['v1']), [`${GROUP}/v1`]: { resources: RESOURCES } };
    assert.equal((await discover(signal)).paths.get('API'), `${GROUP}/v1/apis`);
  });

  it('is never one whose name would change the path', async () => {
    const { discover, paths } = setup({ [GROUP]: group(['../../v1', 'V1', '', 'v1?x']) });
    assert.equal((await discover(signal)).paths.size, 0);
    assert.deepEqual(paths, [GROUP]);
  });
});

describe('the time of a discovery', () => {
  const documents = { 'all kinds': alpha(RESOURCES), 'no kind': alpha([]), 'no group': {} };
  const dates = [
    { title: 'an hour ahead', date: 'Mon, 23 Nov 2026 13:00:00 GMT', at: '2026-11-23T13:00:00Z' },
    { title: 'an hour behind', date: 'Mon, 23 Nov 2026 11:00:00 GMT', at: '2026-11-23T11:00:00Z' },
    { title: 'the local one without a date', at: '2026-11-23T12:00:00Z' },
  ];
  for (const { title, at, ...server } of dates) {
    for (const [served, first] of Object.entries(documents)) {
      it(`with ${served} is by the API server’s clock, which is ${title}`, async () => {
        const { discover } = setup(first, server);
        assert.equal((await discover(signal)).at, Date.parse(at) / 1000);
      });
    }
  }
});
