import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { chaos } from '../../../lab/chaos/chaos.ts';
import { commandOf } from '../../../lab/chaos/options.ts';

/** Together they draw all faults but two. A longer run: `npm run chaos`. */
const SEEDS = [21, 30];
const SIZE = { faults: 16, creations: 200 };

describe('a short chaos run', () => {
  const ended = new AbortController();
  after(() => ended.abort());

  for (const seed of SEEDS) {
    it(`loses nothing and sends nothing that must not be sent, by seed ${seed}`, async (t) => {
      const lines: string[] = [];
      const log = (line: string) => void lines.push(line);
      const options = { ...SIZE, seed, only: [] };
      const { verdict, amiss } = await chaos({ ...options, log, signal: ended.signal });
      const account = `${commandOf(options)}\n${lines.join('\n')}`;
      t.diagnostic(lines.at(-1) ?? '');
      assert.ok(verdict.isRight, account);
      assert.equal(amiss, undefined, account);
      assert.ok(verdict.told > 0, account);
    });
  }
});
