import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fakeTime } from '../../../lab/support/fake-time.ts';
import { newProgress } from '../../../src/cli/output/progress.ts';
import { recordingTerminal } from '../context.ts';

function setup({ isTerminal }: { readonly isTerminal: boolean }) {
  const terminal = recordingTerminal({ isTerminal, columns: 30 });
  const clock = fakeTime();
  return { progress: newProgress({ terminal, time: clock.time }), terminal, clock };
}

const CLEAR = '\r\u001b[K';

describe('progress without a terminal', () => {
  it('is one plain line for each text', () => {
    const { progress, terminal, clock } = setup({ isTerminal: false });
    progress.wait('1 of 2 ready');
    progress.wait('1 of 2 ready');
    progress.line('Role created');
    progress.wait('2 of 2 \u001bready');
    progress.stop();
    assert.equal(terminal.text(), '1 of 2 ready\nRole created\n2 of 2 \\u001bready\n');
    assert.equal(clock.waiting(), 0);
  });
});

describe('progress at a terminal', () => {
  it('turns and counts the seconds', async () => {
    const { progress, terminal, clock } = setup({ isTerminal: true });
    progress.wait('waiting');
    await clock.pass(1_200);
    const frames = terminal.text().split(CLEAR);
    assert.equal(frames[1], '| waiting (0 s)');
    assert.equal(frames[2], '/ waiting (0 s)');
    assert.match(frames.at(-1) ?? '', /waiting \(1 s\)$/);
    progress.stop();
    assert.ok(terminal.text().endsWith(CLEAR));
    assert.equal(clock.waiting(), 0);
  });

  it('never wraps, so that the line can be replaced', () => {
    const { progress, terminal } = setup({ isTerminal: true });
    progress.wait('x'.repeat(100));
    assert.ok((terminal.text().split(CLEAR)[1] ?? '').length < 30);
  });

  it('prints lines above the spinner', () => {
    const { progress, terminal } = setup({ isTerminal: true });
    progress.wait('waiting');
    progress.line('Role created');
    assert.ok(terminal.text().includes(`${CLEAR}Role created\n${CLEAR}/ waiting (0 s)`));
    progress.stop();
  });

  it('prints nothing at the end if there was nothing', () => {
    const { progress, terminal } = setup({ isTerminal: true });
    progress.line('done');
    progress.stop();
    assert.equal(terminal.text(), 'done\n');
  });
});
