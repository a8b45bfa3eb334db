import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fakeTime } from '../../../lab/support/fake-time.ts';
import type { CommandContext } from '../../../src/cli/command.ts';
import { run } from '../../../src/cli/commands/version.ts';
import { aContext } from '../context.ts';

const FLAGS = { output: 'text', namespace: 'kusk-system' };

/** Runs the command, and returns what it prints. */
async function printed(parts: Partial<CommandContext>): Promise<string> {
  const { context, stdout, stderr } = aContext({ flags: FLAGS, ...parts });
  assert.equal(await run(context), 0);
  assert.equal(stderr.text(), '');
  return stdout.text();
}

/** Writes a kubeconfig of a server, and returns its path. */
async function kubeconfig(t: TestContext, server: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kusk-version-'));
  t.after(() => rm(folder, { recursive: true }));
  const config = {
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  const path = join(folder, 'config');
  await writeFile(path, JSON.stringify(config));
  return path;
}

/** A server that is no Kubernetes: only its refusals are looked at. */
async function serverWith(t: TestContext, respond: RequestListener): Promise<string> {
  const server = createServer(respond).listen(0, '127.0.0.1');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const refusal =
  (status: number): RequestListener =>
  (_, response) =>
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ kind: 'Status', status: 'Failure', code: status, message: 'no' }));

/** An operator of version 2.0.0, unless the labels say otherwise. */
function deployment(image: string, labels: object = { 'app.kubernetes.io/version': '2.0.0' }) {
  const args = ['--config=/etc/kusk-gateway/config.yaml'];
  const template = { spec: { containers: [{ name: 'manager', image, args }] } };
  return { metadata: { name: 'kusk-gateway-manager', labels }, spec: { template } };
}

describe('kusk version', () => {
  it('prints its own version if there is no kubeconfig', async () => {
    assert.equal(await printed({}), 'kusk 1.2.3\n');
  });

  it('is a document with -o', async () => {
    const json = await printed({ flags: { ...FLAGS, output: 'json' } });
    assert.deepEqual(JSON.parse(json), {
      kusk: '1.2.3',
      operator: null,
      operatorTag: null,
      cluster: null,
    });
    const yaml = await printed({ flags: { ...FLAGS, output: 'yaml' } });
    assert.equal(yaml, 'kusk: "1.2.3"\noperator: null\noperatorTag: null\ncluster: null\n');
  });

  it('looks for no cluster with --client', async () => {
    const environment = { KUBECONFIG: '/nonexistent' };
    assert.equal(await printed({ environment, flags: { ...FLAGS, client: true } }), 'kusk 1.2.3\n');
  });

  it('says in a word that the kubeconfig leads nowhere', async () => {
    const environment = { KUBECONFIG: '/nonexistent' };
    assert.equal(await printed({ environment }), 'kusk 1.2.3\noperator unreachable\n');
  });

  for (const status of [401, 403]) {
    it(`says in a word that the API server refuses: ${status}`, async (t) => {
      const KUBECONFIG = await kubeconfig(t, await serverWith(t, refusal(status)));
      const text = await printed({ environment: { KUBECONFIG } });
      assert.equal(text, 'kusk 1.2.3\noperator forbidden\n');
    });
  }

  const images = [
    { image: 'a/kusk:2.0.0', operator: '2.0.0' },
    { image: 'a/kusk:1.0.0', operator: '2.0.0 (image 1.0.0)' },
    { image: 'localhost:5000/kusk@sha256:0', operator: '2.0.0' },
    { labels: {}, image: 'a/kusk:1.0.0@sha256:0', operator: '1.0.0' },
    { labels: {}, image: 'localhost:5000/kusk', operator: 'unknown' },
  ];
  for (const { labels, image, operator } of images) {
    it(`names the version of the operator, and the image if that is another: ${operator}`, async (t) => {
      const server = await serverWith(t, (_, response) =>
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ metadata: {}, items: [deployment(image, labels)] })),
      );
      const environment = { KUBECONFIG: await kubeconfig(t, server) };
      assert.equal(await printed({ environment }), `kusk 1.2.3\noperator ${operator}\n`);
    });
  }

  it('does not wait for a cluster that does not respond', async (t) => {
    const KUBECONFIG = await kubeconfig(t, await serverWith(t, () => {}));
    const time = { ...fakeTime().time, deadline: () => AbortSignal.abort() };
    assert.equal(
      await printed({ environment: { KUBECONFIG }, time }),
      'kusk 1.2.3\noperator slow\n',
    );
  });
});
