import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { UsageError } from '../../../src/cli/command-error.ts';
import { confirmAt } from '../../../src/cli/output/confirm.ts';

const stream = (isTTY: boolean) => Object.assign(new PassThrough(), { isTTY });

function setup({ isTerminal = true, signal = new AbortController().signal } = {}) {
  const input = stream(isTerminal);
  const output = stream(isTerminal);
  return { input, output, confirm: confirmAt({ input: () => input, output, signal }) };
}

describe('a question at the terminal', () => {
  const answers = [
    { answer: 'y', agrees: true },
    { answer: ' YES ', agrees: true },
    { answer: 'n', agrees: false },
    { answer: '', agrees: false },
    { answer: 'yesterday', agrees: false },
  ];
  for (const { answer, agrees } of answers) {
    it(`takes "${answer}" as a ${agrees ? 'yes' : 'no'}`, async () => {
      const { input, output, confirm } = setup();
      const confirmed = confirm('Delete it?');
      input.write(`${answer}\n`);
      assert.equal(await confirmed, agrees);
      output.end();
      assert.match(await text(output), /Delete it\? \[y\/N\] /);
    });
  }

  it('takes the end of the input as a no', async () => {
    const { input, confirm } = setup();
    const confirmed = confirm('Delete it?');
    input.end();
    assert.equal(await confirmed, false);
  });

  it('takes Ctrl-C as a no', async () => {
    const { confirm } = setup({ signal: AbortSignal.abort() });
    assert.equal(await confirm('Delete it?'), false);
  });

  it('is not asked without a terminal: the error names --yes', async () => {
    const { confirm } = setup({ isTerminal: false });
    await assert.rejects(confirm('Delete it?'), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.advice ?? '', /--yes/);
      return true;
    });
  });
});
