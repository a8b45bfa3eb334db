import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { hmacSha256, sha256 } from '../../src/record/sha256.ts';

/** Around the lengths at which another block begins, in bytes. */
const LENGTHS = [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1_000];

const text = fc.string({ unit: 'binary', maxLength: 300 });

describe('SHA-256', () => {
  it("is Node's, for any text", () => {
    fc.assert(
      fc.property(text, (one) => {
        assert.equal(sha256(one), createHash('sha256').update(one).digest('hex'));
      }),
    );
  });

  it("is Node's as HMAC, for any key and text", () => {
    fc.assert(
      fc.property(text, text, (key, one) => {
        assert.equal(hmacSha256(key, one), createHmac('sha256', key).update(one).digest('hex'));
      }),
    );
  });

  for (const length of LENGTHS) {
    it(`is Node's for ${length} bytes`, () => {
      const one = 'a'.repeat(length);
      assert.equal(sha256(one), createHash('sha256').update(one).digest('hex'));
      assert.equal(hmacSha256(one, one), createHmac('sha256', one).update(one).digest('hex'));
    });
  }
});
