import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import type { KubeRequest, KubeRequestOptions } from '../../src/cluster/connect.ts';
import { MalformedResponseError } from '../../src/cluster/errors.ts';
import { METADATA_LIST_JSON } from '../../src/cluster/metadata.ts';
import { isAheadOfServer } from '../../src/cluster/moment.ts';

const PATH = '/apis/gateway.kusk.io/v1alpha1/apis';
const MIB = 1_048_576;
const CHUNK = Buffer.alloc(65_536, 'x');

/** The chunks of a list whose only object has an annotation of this size, in bytes. */
function* listOfOne(bytes: number) {
  yield Buffer.from('{"metadata":{"resourceVersion":"500"},"items":[{"metadata":{"uid":"u",');
  yield Buffer.from('"annotations":{"a":"');
  for (let sent = 0; sent < bytes; sent += CHUNK.length) yield CHUNK;
  yield Buffer.from('"}}}]}');
}

/** Compares a resourceVersion with the one of a scripted API server. */
async function compare(resourceVersion: string, chunks: Iterable<Uint8Array>) {
  const request = (async (path: string, { query, accept }: KubeRequestOptions) => {
    assert.deepEqual([path, query, accept], [PATH, { limit: '1' }, METADATA_LIST_JSON]);
    return { headers: { 'content-type': 'application/json' }, body: Readable.from(chunks) };
  }) as unknown as KubeRequest;
  return await isAheadOfServer(resourceVersion, {
    request,
    path: PATH,
    signal: new AbortController().signal,
  });
}

describe('a resourceVersion compared with the history of the server', () => {
  const cases = [
    { resourceVersion: '501', latest: '500', isAhead: true },
    { resourceVersion: '500', latest: '500', isAhead: false },
    { resourceVersion: '499', latest: '500', isAhead: false },
    { resourceVersion: '501', latest: '0', isAhead: false },
    { resourceVersion: '501', latest: '', isAhead: false },
  ];
  for (const { resourceVersion, latest, isAhead } of cases) {
    it(`${resourceVersion} is ${isAhead ? '' : 'not '}ahead of "${latest}"`, async () => {
      const list = JSON.stringify({ metadata: { resourceVersion: latest }, items: [] });
      assert.equal(await compare(resourceVersion, [Buffer.from(list)]), isAhead);
    });
  }

  it('does not buffer a single object of 3 MB', async () => {
    const before = process.memoryUsage().arrayBuffers;
    let peak = 0;
    const chunks = (function* measured() {
      for (const chunk of listOfOne(3 * MIB)) {
        yield chunk;
        peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
      }
    })();
    assert.equal(await compare('501', chunks), true);
    assert.ok(peak < MIB, `${peak} bytes`);
  });

  it('accepts a single object of any size', async () => {
    assert.equal(await compare('501', listOfOne(32 * MIB)), true);
  });

  for (const text of ['', '<html>', '{}', '{"metadata":{"resourceVersion":"500"},"items":[']) {
    it(`is not possible if the server sends ${JSON.stringify(text)}`, async () => {
      await assert.rejects(compare('501', [Buffer.from(text)]), MalformedResponseError);
    });
  }
});
