import assert from 'node:assert/strict';
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
