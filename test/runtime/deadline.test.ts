import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'node:test';
import { withDeadline } from '../../src/runtime/deadline.ts';

function setup(ms: number) {
  const owner = new AbortController();
  const options = { ms, late: () => new Error('late'), signal: owner.signal };
  const listeners = () => getEventListeners(owner.signal, 'abort').length;
  return { owner, options, listeners };
}

/** Ends only when its signal aborts, with an error of its own. */
function endless(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')));
  });
}

describe('withDeadline', () => {
  it('resolves with the value of the task and leaves no listener', async () => {
    const { options, listeners } = setup(60_000);
    assert.equal(await withDeadline(async () => 'done', options), 'done');
    assert.equal(listeners(), 0);
  });

  it('rejects with the error of the task', async () => {
    const { options } = setup(60_000);
    const failing = () => Promise.reject(new Error('broken'));
    await assert.rejects(withDeadline(failing, options), new Error('broken'));
  });

  it('rejects after the time limit', async () => {
    const { options, listeners } = setup(1);
    await assert.rejects(withDeadline(endless, options), new Error('late'));
    assert.equal(listeners(), 0);
  });

  it('rejects with the reason of the signal', async () => {
    const { options, owner } = setup(60_000);
    const running = withDeadline(endless, options);
    owner.abort(new Error('closed'));
    await assert.rejects(running, new Error('closed'));
  });

  it('does not start the task if the signal has already aborted', async () => {
    const { options, owner } = setup(60_000);
    owner.abort(new Error('closed'));
    await assert.rejects(
      withDeadline(async () => assert.fail('started'), options),
      new Error('closed'),
    );
  });
});
