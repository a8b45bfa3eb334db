import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { aborted, runAll } from '../../src/runtime/run.ts';
import { isSettled } from './is-settled.ts';

describe('runAll', () => {
  const untilAborted = (signal: AbortSignal) => aborted(signal);

  it('resolves when it is aborted', async () => {
    const stop = new AbortController();
    const running = runAll([untilAborted, untilAborted], stop.signal);
    assert.equal(await isSettled(running), false);
    stop.abort();
    await running;
  });

  it('aborts all when one ends', async () => {
    await runAll([untilAborted, async () => {}], new AbortController().signal);
  });

  it('aborts all when one fails, waits for them, and rejects with its error', async () => {
    let ended = false;
    const slow = async (signal: AbortSignal) => {
      await aborted(signal);
      await turn();
      ended = true;
      throw new Error('the second');
    };
    const fails = async () => {
      await turn();
      throw new Error('the first');
    };
    await assert.rejects(runAll([fails, slow], new AbortController().signal), {
      message: 'the first',
    });
    assert.ok(ended);
  });

  it('resolves if it is already aborted', async () => {
    await runAll([untilAborted], AbortSignal.abort());
  });
});
