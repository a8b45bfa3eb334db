import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { ROOT } from '../../../lab/support/root.ts';

const PROGRAM = join(ROOT, 'lab/bench/main.ts');
const WRITTEN = ['lab/bench/results.json', 'docs/performance.md'].map((path) => join(ROOT, path));

const written = () => WRITTEN.map((path) => readFileSync(path, 'utf8'));
const bench = (...args: readonly string[]) =>
  promisify(execFile)(process.execPath, [PROGRAM, ...args]);

describe('the bench', () => {
  it('measures a small burst on a real control plane, and writes nothing where it is quick', async () => {
    const before = written();
    const { stdout } = await bench('--quick', 'burst');
    const rows = stdout.trimEnd().split('\n').slice(2);
    assert.equal(rows.length, 3, stdout);
    const [, writes] =
      /^\| ledger writes, operator \| (\d+) \| creations \| 500 \|/m.exec(stdout) ?? [];
    assert.ok(Number(writes) > 0, stdout);
    assert.deepEqual(written(), before);
  });

  it('says what to write where an argument is wrong', async () => {
    await assert.rejects(bench('speed'), {
      code: 2,
      stderr: /^There is no section "speed", only /,
    });
  });
});
