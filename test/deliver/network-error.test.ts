import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  PermanentDeliveryError,
  TemporaryDeliveryError,
} from '../../src/deliver/delivery-error.ts';
import { networkError } from '../../src/deliver/network-error.ts';

function failed(code?: string, message = 'to https://me:secret@example'): Error {
  const cause = Object.assign(new Error(message), code === undefined ? {} : { code });
  return new TypeError('fetch failed', { cause });
}

describe('networkError', () => {
  const cases = [
    ['ENOTFOUND', 'host name not found'],
    ['EAI_AGAIN', 'host name not found'],
    ['ENETUNREACH', 'network not reachable'],
    ['UND_ERR_CONNECT_TIMEOUT', 'connection timed out'],
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
    it(`maps ${code} to: ${message}`, () => {
      const error = failed(code);
      const made = networkError(error);
      assert.ok(made instanceof TemporaryDeliveryError);
      assert.equal(made.message, message);
      assert.equal(made.cause, error);
      assert.equal(made.unresolved, message === 'host name not found');
    });
  }

  it('accepts a thrown value that is not an error', () => {
    assert.equal(networkError('broken').message, 'request failed');
  });

  it('returns a delivery error unchanged', () => {
    const error = new PermanentDeliveryError('answered 400', { status: 400 });
    assert.equal(networkError(error), error);
  });
});
