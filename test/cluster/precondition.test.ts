import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeRequest, KubeRequestOptions } from '../../src/cluster/connect.ts';
import { leaseStore } from '../../src/cluster/lease.ts';
import { ledgerStore } from '../../src/cluster/ledger-map.ts';

const NAMESPACE = 'kusk-system';

/** Answers each request with an object of the next resourceVersion, and keeps what was asked. */
function setup() {
  const asked: KubeRequestOptions[] = [];
  const request = (async (_: string, options: KubeRequestOptions) => {
    asked.push(options);
    const metadata = {
      resourceVersion: String(asked.length),
      creationTimestamp: '2026-11-23T11:00:00Z',
    };
    return { body: { json: async () => ({ metadata }) } };
  }) as unknown as KubeRequest;
  const written = () =>
    asked
      .filter(({ method }) => method === 'PUT')
      .map(({ body }) => (body as { metadata: { resourceVersion?: string } }).metadata);
  return { options: { request, namespace: NAMESPACE }, written };
}

describe('whoever writes names the resourceVersion that was read, so that the slower one is refused', () => {
  const { signal } = new AbortController();

  it('in the ledger', async () => {
    const { options, written } = setup();
    const store = ledgerStore(options);
    const read = await store.read(signal);
    assert.ok(read);
    await store.write('a', read, signal);
    await store.write('b', await store.write('c', read, signal), signal);
    assert.deepEqual(
      written().map(({ resourceVersion }) => resourceVersion),
      ['1', '1', '3'],
    );
  });

  it('in the lease', async () => {
    const { options, written } = setup();
    const store = leaseStore(options);
    const read = await store.read(signal);
    assert.ok(read);
    await store.write({}, read, signal);
    await store.write({}, await store.write({}, read, signal), signal);
    assert.deepEqual(
      written().map(({ resourceVersion }) => resourceVersion),
      ['1', '1', '3'],
    );
  });
});
