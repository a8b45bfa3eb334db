import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { nodeFlags } from '../../lab/support/image-flags.ts';

describe("the image's flags for Node", () => {
  it('are those with which its program was compiled, or V8 would compile it again', () => {
    assert.ok(nodeFlags().length > 0);
    // A seed is no part of the flags that V8 compares.
    assert.deepEqual(nodeFlags('RUN'), ['--random-seed=1', ...nodeFlags()]);
  });

  it('are known to Node', () => {
    const args = [...nodeFlags(), '--eval', ''];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  });
});
