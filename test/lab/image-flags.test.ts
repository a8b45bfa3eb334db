import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { nodeFlags } from '../../lab/support/image-flags.ts';

describe("the image's flags for Node", () => {
  it('are those with which its program was compiled, or V8 would compile it again', () => {
    assert.ok(nodeFlags().length > 0);
    assert.deepEqual(nodeFlags('RUN'), nodeFlags());
  });

  it('are known to Node', () => {
    const args = [...nodeFlags(), '--eval', ''];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  });
});
