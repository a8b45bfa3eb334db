import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadAll } from 'js-yaml';
import { run } from '../../../src/cli/commands/cluster-install.ts';
import { aContext } from '../context.ts';

/** Runs `kusk cluster install --export`, and returns what it prints. */
async function exported(flags: Readonly<Record<string, string>>): Promise<string> {
  const { context, stdout, stderr } = aContext({ flags: { export: true, ...flags } });
  assert.equal(await run(context), 0);
  assert.match(stderr.text(), /^Telemetry is (ON|OFF) in these objects: /);
  return stdout.text();
}

describe('kusk cluster install --export', () => {
  for (const analytics of ['on', 'off']) {
    it(`prints the same objects as YAML and as a List in JSON: telemetry ${analytics}`, async () => {
      const flags = { analytics, namespace: 'mine', 'write-key': 'key' };
      const yaml = await exported(flags);
      assert.equal(await exported({ ...flags, output: 'yaml' }), yaml);
      const { items, ...list } = JSON.parse(await exported({ ...flags, output: 'json' }));
      assert.deepEqual(list, { apiVersion: 'v1', kind: 'List' });
      assert.deepEqual(items, loadAll(yaml));
    });
  }
});
