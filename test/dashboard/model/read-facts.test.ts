import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { fakeTime } from '../../../lab/support/fake-time.ts';
import { installationReader } from '../../../src/cli/install/installation.ts';
import type { KubeRequest } from '../../../src/cluster/connect.ts';
import { KubeStatusError } from '../../../src/cluster/errors.ts';
import { factsReader } from '../../../src/dashboard/model/read-facts.ts';
import { isSettled } from '../../runtime/is-settled.ts';

const namespace = 'kusk-system';

/** The last request that a read has sent says whether the API server is there, not one of the read before. */
describe('a read of all facts', () => {
  for (const slow of ['leases', 'configmaps/kusk-gateway-opt-out']) {
    it(`fails only when its request for ${slow} has ended too`, async () => {
      const { promise: ended, resolve: end } = Promise.withResolvers<void>();
      const request = (async (path: string) => {
        if (path.includes(slow)) await ended;
        throw new KubeStatusError(path.includes(slow) ? 404 : 503);
      }) as unknown as KubeRequest;
      const { time } = fakeTime();
      const readInstallation = installationReader(namespace, { flags: {}, time });
      const onOtherCluster = () => assert.fail('it is the same');
      const options = { request, namespace, time, readInstallation, onOtherCluster };
      const readFacts = factsReader(options);
      const facts = readFacts(new AbortController().signal);
      facts.catch(() => undefined);
      assert.equal(await isSettled(facts), false);
      end();
      await assert.rejects(facts, /503/);
    });
  }
});

describe('an account that may not read the namespace kube-system', () => {
  it('gets the other facts at each read, and takes no cluster for another one', async () => {
    let mayRead = false;
    const request = (async (path: string) => {
      if (!path.endsWith('/kube-system')) throw new KubeStatusError(404);
      if (!mayRead) throw new KubeStatusError(403);
      return { body: Readable.from([Buffer.from('{"metadata": {"uid": "a"}}')]) };
    }) as unknown as KubeRequest;
    const { time } = fakeTime();
    const readInstallation = () => Promise.reject(new KubeStatusError(403));
    const onOtherCluster = () => assert.fail('it is the same');
    const readFacts = factsReader({ request, namespace, time, readInstallation, onOtherCluster });
    for (const next of [false, false, true, false, true]) {
      mayRead = next;
      const { ledger, computedId } = await readFacts(new AbortController().signal);
      assert.equal(ledger.state, 'missing');
      assert.equal(computedId !== undefined, mayRead);
    }
  });
});
