import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../lab/support/eventually.ts';
import { type OperatorOptions, startOperator } from '../../lab/support/operator.ts';
import { programOf, sourceOf } from '../../lab/support/programs.ts';
import { watchSockets } from '../../lab/support/sockets.ts';
import { preview } from '../../src/deliver/preview.ts';
import { CATALOGUE } from '../../src/event.ts';
import { exampleEvents } from '../../src/record/example-events.ts';

const HOOK = fileURLToPath(new URL('../../lab/support/signal-at-import.ts', import.meta.url));
const SIGNAL_AT_IMPORT = ['--import', HOOK];
/** Starts the operator as process 1 of a PID namespace, as in a container. */
const AS_PROCESS_1 = ['unshare', '--pid', '--fork', '--kill-child'];

async function aFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kusk-program-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** Starts the operator with an unreachable API server. */
async function start(t: TestContext, options: Partial<OperatorOptions> = {}) {
  const kubeconfig = join(await aFolder(t), 'kubeconfig');
  const nowhere = {
    clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:9' } }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  await writeFile(kubeconfig, JSON.stringify(nowhere));
  const operator = await startOperator({
    program: sourceOf('kusk-gateway'),
    kubeconfig,
    endpoint: 'http://127.0.0.1:9',
    ...options,
  });
  t.after(() => operator[Symbol.asyncDispose]());
  return operator;
}

describe('the program', () => {
  it('previews each event that it can send on --preview, and opens no connection', async (t) => {
    const sockets = watchSockets({ folder: await aFolder(t), allowed: 'none' });
    const { wrap, nodeArgs, env } = sockets.start;
    const { process: child, output } = await start(t, { args: ['--preview'], wrap, nodeArgs, env });
    assert.deepEqual(await once(child, 'close'), [0, null]);
    assert.equal(output(), preview(exampleEvents()));
    const events = output()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const catalogued = CATALOGUE.filter(({ source }) => source === 'kusk-gateway');
    assert.deepEqual(
      events.map(({ event, properties }) => `${event}/${properties.event}`),
      catalogued.map(({ source, name }) => `${source}/${name}`),
    );
    assert.deepEqual(await sockets.result(), { strays: [], allowed: 0 });
  });

  it('ends with 0 on a SIGTERM that comes while it loads', async (t) => {
    const { process: child } = await start(t, { nodeArgs: SIGNAL_AT_IMPORT });
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });

  it('ends with 0 on it as process 1 too', {
    skip: process.getuid?.() !== 0,
    timeout: 60_000,
  }, async (t) => {
    const options = { nodeArgs: SIGNAL_AT_IMPORT, wrap: AS_PROCESS_1 };
    const { process: child } = await start(t, options);
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });

  it('continues when its log is no longer read', async (t) => {
    const operator = await start(t);
    operator.process.stdout?.destroy();
    operator.process.stderr?.destroy();
    const health = async () => (await fetch(`${operator.healthUrl}/healthz`)).status;
    await eventually(async () => assert.equal(await health(), 200));
    assert.equal(operator.process.exitCode, null);
    assert.equal(await operator.stop('SIGTERM'), 0);
  });

  const wrong = [
    { HTTP_PROXY: 'tcp://user:secret@127.0.0.1:9' },
    { HTTP_PROXY: 'http://user:50%off@127.0.0.1:9' },
    { ANALYTICS_ENDPOINT: 'collector' },
    { ANALYTICS_WRITE_KEY: 'schlüssel' },
    { NODE_EXTRA_CA_CERTS: '/nowhere.pem' },
  ];
  for (const ANALYTICS_ENABLED of ['true', 'false']) {
    for (const setting of wrong) {
      it(`continues with telemetry ${ANALYTICS_ENABLED} and ${JSON.stringify(setting)}`, async (t) => {
        const env = { ...setting, ANALYTICS_ENABLED };
        // The bundle, which starts faster: the tests above cover as much.
        const operator = await start(t, { env, program: programOf('kusk-gateway') });
        const health = async () => (await fetch(`${operator.healthUrl}/healthz`)).status;
        await eventually(async () => assert.equal(await health(), 200));
        assert.equal(await operator.stop('SIGTERM'), 0);
        assert.ok(!operator.output().includes('secret'));
      });
    }
  }
});
