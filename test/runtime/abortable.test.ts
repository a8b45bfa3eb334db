import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { abortable } from '../../src/runtime/abortable.ts';

function setup() {
  const controller = new AbortController();
  const task = Promise.withResolvers<string>();
  const discarded: string[] = [];
  const { signal } = controller;
  const settled = abortable(task.promise, { signal, discard: (value) => discarded.push(value) });
  return { controller, task, discarded, settled };
}

describe('abortable', () => {
  it('resolves with the value of its task', async () => {
    const { task, settled, controller, discarded } = setup();
    task.resolve('an answer');
    assert.equal(await settled, 'an answer');
    controller.abort();
    await turn();
    assert.deepEqual(discarded, [], 'it was wanted');
  });

  it('rejects with the error of its task', async () => {
    const { task, settled } = setup();
    task.reject(new Error('a fault'));
    await assert.rejects(settled, { message: 'a fault' });
  });

  it('rejects when the signal aborts, and discards a later value', async () => {
    const { task, settled, controller, discarded } = setup();
    controller.abort(new Error('over'));
    await assert.rejects(settled, { message: 'over' });
    task.resolve('too late');
    await turn();
    assert.deepEqual(discarded, ['too late']);
  });

  it('ignores a later rejection of its task', async () => {
    const { task, settled, controller, discarded } = setup();
    controller.abort(new Error('over'));
    await assert.rejects(settled, { message: 'over' });
    task.reject(new Error('too late'));
    await turn();
    assert.deepEqual(discarded, []);
  });

  it('rejects immediately if the signal has already aborted', async () => {
    const signal = AbortSignal.abort(new Error('over'));
    const never = new Promise<never>(() => {});
    const settled = abortable(never, { signal, discard: () => assert.fail() });
    await assert.rejects(settled, { message: 'over' });
  });
});
