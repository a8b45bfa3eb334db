import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { batchUrl } from '../../src/deliver/batch-url.ts';

describe('batchUrl', () => {
  const cases = [
    ['https://api.segment.io', 'https://api.segment.io/v1/batch'],
    ['https://api.segment.io/', 'https://api.segment.io/v1/batch'],
    ['https://api.segment.io/v1', 'https://api.segment.io/v1/batch'],
    ['https://api.segment.io/v1/', 'https://api.segment.io/v1/batch'],
    ['https://api.segment.io/v1/batch', 'https://api.segment.io/v1/batch'],
    ['https://api.segment.io/v1/batch/', 'https://api.segment.io/v1/batch'],
    ['http://collector:8080/kusk', 'http://collector:8080/kusk/v1/batch'],
    ['http://collector:8080/kusk//', 'http://collector:8080/kusk/v1/batch'],
    ['http://collector:8080/kusk/v1', 'http://collector:8080/kusk/v1/batch'],
    ['http://collector:8080/av1', 'http://collector:8080/av1/v1/batch'],
    ['http://me:secret@collector/?tenant=7#top', 'http://collector/v1/batch?tenant=7'],
  ] as const;
  for (const [endpoint, expected] of cases) {
    it(`${endpoint} becomes ${expected}`, () => {
      assert.equal(batchUrl(new URL(endpoint)).href, expected);
    });
  }
});
