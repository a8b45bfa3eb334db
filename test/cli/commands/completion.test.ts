import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { run } from '../../../src/cli/commands/completion.ts';
import { TABLE } from '../completion/table.ts';
import { aContext } from '../context.ts';

async function script(shell: string): Promise<string> {
  const { context, stdout } = aContext({ args: [shell], table: TABLE });
  assert.equal(await run(context), 0);
  return stdout.text();
}

describe('kusk completion', () => {
  const shells = [
    { shell: 'bash', registers: /^complete -F _kusk kusk$/m },
    { shell: 'zsh', registers: /^ {2}compdef _kusk kusk$/m },
    { shell: 'fish', registers: /^complete -c kusk -f$/m },
    { shell: 'powershell', registers: /^Register-ArgumentCompleter -Native -CommandName kusk /m },
  ];
  for (const { shell, registers } of shells) {
    it(`prints the script of ${shell}, which says how to load it`, async () => {
      const text = await script(shell);
      assert.match(text, registers);
      assert.match(text, new RegExp(`^# {3}this shell: .*kusk completion ${shell}`, 'm'));
    });
  }

  it('quotes text for PowerShell, and has every word, flag and value', async () => {
    const text = await script('powershell');
    for (const line of [
      `'cluster' = @('install Install it: don''t ask \`why\`', 'check Check')`,
      `'cluster check -o' = @('text', 'json', 'yaml')`,
      `'cluster install --kubeconfig' = @()`,
      `'completion' = @('bash', 'fish')`,
    ]) {
      assert.ok(text.includes(line), line);
    }
    assert.match(text, /'cluster install' = @\(.*'--no-wait return immediately'/);
  });
});
