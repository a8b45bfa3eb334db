import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jsonBody } from '../../lab/support/json-body.ts';
import type { KubeRequest, KubeRequestOptions } from '../../src/cluster/connect.ts';
import { KubeStatusError } from '../../src/cluster/errors.ts';
import { leaseStore } from '../../src/cluster/lease.ts';

/** A store of one Lease, and the bodies it received. Each response has the next resourceVersion. */
function setup() {
  const bodies: unknown[] = [];
  let version = 0;
  const request = (async (_: string, { body }: KubeRequestOptions) => {
    if (body !== undefined) bodies.push(body);
    version += 1;
    const metadata = { resourceVersion: String(version), labels: { team: 'a' } };
    return { body: jsonBody({ metadata, spec: { leaseTransitions: version } }) };
  }) as unknown as KubeRequest;
  return { ...leaseStore({ request, namespace: 'kusk-system' }), bodies };
}

describe('a write of the lease', () => {
  it('sends the last resourceVersion, and keeps all other fields', async () => {
    const { read, write, bodies } = setup();
    const { signal } = new AbortController();
    const lease = await read(signal);
    assert.ok(lease);
    const written = await write({ holderIdentity: 'a' }, lease, signal);
    await write({ holderIdentity: 'b' }, written, signal);
    const labels = { team: 'a' };
    assert.deepEqual(bodies, [
      {
        metadata: { resourceVersion: '1', labels },
        spec: { leaseTransitions: 1, holderIdentity: 'a' },
      },
      {
        metadata: { resourceVersion: '2', labels },
        spec: { leaseTransitions: 2, holderIdentity: 'b' },
      },
    ]);
  });
});

describe('a Lease that was deleted', () => {
  const refusing = (status: number) => {
    const request = (async () => {
      throw new KubeStatusError(status);
    }) as unknown as KubeRequest;
    return leaseStore({ request, namespace: 'kusk-system' });
  };
  const { signal } = new AbortController();
  const lease = { resourceVersion: '1', spec: {}, object: {} };
  const missing = {
    name: 'MissingObjectError',
    message: 'the Lease kusk-gateway-manager is missing',
  };

  it('is reported as missing if creating it is forbidden', async () => {
    await assert.rejects(refusing(403).create({}, signal), missing);
  });

  it('is reported as missing if a renewal does not find it', async () => {
    await assert.rejects(refusing(404).write({}, lease, signal), missing);
  });

  it('is not reported for any other response', async () => {
    await assert.rejects(refusing(409).create({}, signal), { status: 409 });
    await assert.rejects(refusing(403).write({}, lease, signal), { status: 403 });
  });
});
