import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  PermanentDeliveryError,
  TemporaryDeliveryError,
} from '../../src/deliver/delivery-error.ts';
import { noAnswer } from '../../src/deliver/network-error.ts';

function failed(code?: string, message = 'to https://me:secret@example'): Error {
  const cause = Object.assign(new Error(message), code === undefined ? {} : { code });
  return new TypeError('fetch failed', { cause });
}

describe('noAnswer', () => {
  const cases = [
    ['ENOTFOUND', 'host name not found'],
    ['EAI_AGAIN', 'host name not found'],
    ['ENETUNREACH', 'network not reachable'],
    ['UND_ERR_CONNECT_TIMEOUT', 'no connection in time'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate is for another host'],
    ['CERT_HAS_EXPIRED', 'certificate expired'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate not trusted'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'certificate not trusted'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'certificate not trusted'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificate not trusted'],
    ['EPROTO', 'request failed (EPROTO)'],
    [undefined, 'request failed'],
  ] as const;
  for (const [code, message] of cases) {
    it(`makes of ${code}: ${message}`, () => {
      const error = failed(code);
      const made = noAnswer(error);
      assert.ok(made instanceof TemporaryDeliveryError);
      assert.equal(made.message, message);
      assert.equal(made.cause, error);
      assert.equal(made.unresolved, message === 'host name not found');
    });
  }

  it('takes what was thrown without being an error', () => {
    assert.equal(noAnswer('broken').message, 'request failed');
  });

  it('leaves a delivery error as it is', () => {
    const error = new PermanentDeliveryError('answered 400', { status: 400 });
    assert.equal(noAnswer(error), error);
  });
});
