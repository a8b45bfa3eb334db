import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readConfigFile } from '../../../src/consent/config-file.ts';
import { TemporaryDeliveryError } from '../../../src/deliver/delivery-error.ts';
import { parseConfig } from '../../../src/operator/config/config.ts';
import { guard, openDelivery, problemsOfDelivery } from '../../../src/operator/outbox/delivery.ts';
import { anEvent } from '../../deliver/events.ts';
import { endpoint } from '../../deliver/servers.ts';

type Environment = Readonly<Record<string, string>>;

const configOf = (environment: Environment) => parseConfig(readConfigFile('', 'none'), environment);

describe('openDelivery', () => {
  const impossible: readonly (readonly [Environment, RegExp])[] = [
    [{ ANALYTICS_ENDPOINT: 'collector' }, /^ANALYTICS_ENDPOINT is "collector": write an http/],
    [{ HTTP_PROXY: 'tcp://proxy' }, /^HTTP_PROXY must be the address of a proxy, such as/],
    [{ ANALYTICS_WRITE_KEY: 'a b' }, /^ANALYTICS_WRITE_KEY is not a valid write key: write/],
    [{ ANALYTICS_WRITE_KEY: '' }, /^there is no write key$/],
  ];
  for (const [settings, reason] of impossible) {
    it(`rejects each event as temporary if a setting makes delivery impossible: ${JSON.stringify(settings)}`, async (t) => {
      const { url, accepted } = await endpoint(t);
      const environment = {
        ANALYTICS_ENDPOINT: url.href,
        ANALYTICS_WRITE_KEY: 'key',
        ...settings,
      };
      const { deliver, close } = openDelivery({
        config: configOf(environment),
        environment,
        onAcknowledged: () => assert.fail('it left'),
        guard: (fetch) => fetch,
      });
      await assert.rejects(deliver(anEvent()), (error) => {
        return error instanceof TemporaryDeliveryError && reason.test(error.message);
      });
      await close();
      assert.equal(accepted(), 0);
    });
  }

  it('has one problem per invalid setting, and one for unreadable certificates', () => {
    const environment = {
      ANALYTICS_WRITE_KEY: 'a b',
      HTTPS_PROXY: 'x://y',
      NODE_EXTRA_CA_CERTS: '/nowhere/ca.pem',
    };
    const problems = problemsOfDelivery(configOf(environment), environment);
    assert.equal(problems.length, 3);
    assert.equal(
      problems[2],
      'NODE_EXTRA_CA_CERTS is "/nowhere/ca.pem", which cannot be used (ENOENT): name a file with certificates in PEM',
    );
  });
});

describe('guard', () => {
  it('sends nothing while sending is not allowed', async () => {
    const delivered: string[] = [];
    let allowed = false;
    const deliver = guard(
      async ({ messageId }) => void delivered.push(messageId),
      () => allowed,
    );
    await assert.rejects(deliver(anEvent({ messageId: 'a' })), TemporaryDeliveryError);
    allowed = true;
    await deliver(anEvent({ messageId: 'b' }));
    assert.deepEqual(delivered, ['b']);
  });

  it('rejects as the delivery does', async () => {
    const deliver = guard(
      async () => {
        throw new TemporaryDeliveryError('answered 500');
      },
      () => true,
    );
    await assert.rejects(deliver(anEvent()), { message: 'answered 500' });
  });
});
