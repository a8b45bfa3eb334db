import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { eventually } from '../../lab/support/eventually.ts';
import { startOperator } from '../../lab/support/operator.ts';

/** Kubernetes kills after 30 s. */
const GRACE_MS = 20_000;

async function setup(t: TestContext, makeUser: (folder: string) => object | Promise<object>) {
  const folder = await mkdtemp(join(tmpdir(), 'credentials-'));
  t.after(() => rm(folder, { recursive: true }));
  const kubeconfig = join(folder, 'kubeconfig');
  const config = {
    'current-context': 'one',
    clusters: [{ name: 'one', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'one', user: await makeUser(folder) }],
    contexts: [{ name: 'one', context: { cluster: 'one', user: 'one' } }],
  };
  await writeFile(kubeconfig, JSON.stringify(config));
  const operator = await startOperator({ kubeconfig, endpoint: 'http://127.0.0.1:9' });
  t.after(() => operator[Symbol.asyncDispose]());
  return { folder, operator };
}

const cases = [
  {
    title: 'an exec plugin that never returns',
    async makeUser(folder: string) {
      const command = join(folder, 'plugin.sh');
      await writeFile(command, `#!/bin/sh\nexec sleep 36${process.pid}\n`, { mode: 0o755 });
      return { exec: { apiVersion: 'client.authentication.k8s.io/v1', command, args: [] } };
    },
  },
  {
    title: 'a token file that can not be read to its end',
    makeUser(folder: string) {
      const tokenFile = join(folder, 'token');
      execFileSync('mkfifo', [tokenFile]);
      return { tokenFile };
    },
  },
];

describe('an operator whose kubeconfig names', () => {
  for (const { title, makeUser } of cases) {
    it(`${title} says so, is not ready, and ends at SIGTERM`, async (t) => {
      const { operator } = await setup(t, makeUser);
      await eventually(() => assert.match(operator.output(), /exec plugin, token .* in time/));
      assert.equal((await fetch(`${operator.healthUrl}/readyz`)).status, 503);
      assert.equal((await fetch(`${operator.healthUrl}/healthz`)).status, 200);
      const said = operator.lines.filter(({ msg }) => /cannot read the ledger/.test(msg));
      assert.equal(said.length, 1, operator.output());
      const stoppedAt = performance.now();
      await operator.stop();
      assert.ok(performance.now() - stoppedAt < GRACE_MS);
      const running = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
      assert.ok(!running.includes(`sleep 36${process.pid}`), 'the plugin is gone');
    });
  }
});
