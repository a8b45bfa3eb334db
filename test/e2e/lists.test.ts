import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Lab, startLab } from '../../lab/support/lab.ts';
import { type Connection, connect, type KubeRequest } from '../../src/cluster/connect.ts';
import { listKind } from '../../src/cluster/list.ts';
import { METADATA_LIST_JSON } from '../../src/cluster/metadata.ts';
import { sightingReader } from '../../src/cluster/sighting-reader.ts';
import type { Sighting } from '../../src/event.ts';
import { systemTime } from '../../src/runtime/time.ts';

const PATH = '/apis/gateway.kusk.io/v1alpha1/apis';
const COUNT = 130;
const MANIFEST_BYTES = 100_000;

let lab: Lab;
let connection: Connection;

before(async () => {
  lab = await startLab({ namespaces: ['applied'] });
  connection = connect({ kubeconfig: lab.cp.operatorKubeconfig });
  const items = Array.from({ length: COUNT }, (_, index) => ({
    apiVersion: 'gateway.kusk.io/v1alpha1',
    kind: 'API',
    metadata: { name: `api-${index}`, namespace: 'applied', annotations: { note: 'ü😀' } },
    spec: { spec: 'x'.repeat(MANIFEST_BYTES) },
  }));
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await lab.cp.kubectl(['apply', '-f', '-'], { input });
});
after(async () => {
  await connection.close();
  await lab.close();
});

/** Lists through a request, and notes the media types of the responses. */
async function list(request: KubeRequest, at?: string) {
  const types: string[] = [];
  const sightings: Omit<Sighting, 'seenAt'>[] = [];
  const moment = await listKind('API', {
    async request(path, options) {
      const response = await request(path, options);
      types.push(String(response.headers['content-type']));
      return response;
    },
    reader: sightingReader,
    path: PATH,
    ...(at !== undefined && { at }),
    time: systemTime,
    signal: new AbortController().signal,
    onItems(some) {
      sightings.push(...some.map(({ seenAt: _, ...rest }) => rest));
    },
  });
  return { types, sightings, moment };
}

describe('a list of a real API server', () => {
  it('comes in protobuf, page by page, with every object', async () => {
    const { types, sightings } = await list(connection.request);
    assert.ok(types.length > 1, `${types}`);
    for (const type of types) assert.match(type, /^application\/vnd\.kubernetes\.protobuf(;|$)/);
    const { items } = (await lab.client.must('GET', PATH)) as unknown as {
      readonly items: readonly { readonly metadata: Readonly<Record<string, string>> }[];
    };
    const expected = items.map(({ metadata }) => ({
      kind: 'API',
      uid: metadata.uid,
      createdAt: Date.parse(metadata.creationTimestamp ?? '') / 1000,
      resourceVersion: metadata.resourceVersion,
    }));
    assert.equal(sightings.length, COUNT);
    assert.deepEqual(sightings, expected);
  });

  it('is the same in JSON, from a server that speaks nothing else', async () => {
    const inJson: KubeRequest = (path, options) =>
      connection.request(path, { ...options, accept: METADATA_LIST_JSON });
    const protobuf = await list(connection.request);
    const json = await list(inJson, protobuf.moment);
    for (const type of json.types) assert.match(type, /^application\/json/);
    assert.deepEqual(json.sightings, protobuf.sightings);
    assert.equal(json.moment, protobuf.moment);
  });
});
