import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { nodeFlags } from '../../lab/support/image-flags.ts';
import { type Lab, startLab } from '../../lab/support/lab.ts';
import type { OperatorOptions } from '../../lab/support/operator.ts';
import { ROOT } from '../../lab/support/root.ts';
import { bundle } from '../../tools/build/bundle.ts';
import { proxy } from '../deliver/proxies.ts';

describe('the operator as the image holds it', () => {
  const cleanup = new AsyncDisposableStack();
  let lab: Lab;
  let folder: string;
  let bundled: Partial<OperatorOptions>;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kusk-bundled-'));
    cleanup.defer(() => rm(folder, { recursive: true }));
    const [program = ''] = await bundle([join(ROOT, 'src/bin/kusk-gateway.ts')], { into: folder });
    bundled = { program, nodeArgs: nodeFlags() };
    lab = await startLab({ namespaces: ['north', 'south'] });
    cleanup.defer(lab.close);
  });
  after(() => cleanup.disposeAsync());

  /** The operator's kubeconfig, but that its certificate is had from a plugin. */
  async function withPlugin(proxyUrl: string): Promise<string> {
    const config = JSON.parse(await readFile(lab.cp.operatorKubeconfig, 'utf8'));
    const { 'client-certificate-data': cert, 'client-key-data': key } = config.users[0].user;
    const pem = (base64: string) => Buffer.from(base64, 'base64').toString();
    const apiVersion = 'client.authentication.k8s.io/v1';
    const status = { clientCertificateData: pem(cert), clientKeyData: pem(key) };
    const credential = join(folder, 'credential.json');
    await writeFile(credential, JSON.stringify({ apiVersion, kind: 'ExecCredential', status }));
    const exec = { apiVersion, command: 'cat', args: [credential], interactiveMode: 'Never' };
    config.users[0].user = { exec };
    config.clusters[0].cluster['proxy-url'] = proxyUrl;
    const path = join(folder, 'kubeconfig');
    await writeFile(path, JSON.stringify(config));
    return path;
  }

  it('sends each creation once', async () => {
    await using site = await lab.site('plain');
    const operator = await site.start(bundled);
    await operator.ready();
    await lab.settle(site, { operator, told: await lab.users.createAll(lab.fresh(30)) });
  });

  it('sends each creation once through proxies, with a credential plugin', async (t) => {
    await using site = await lab.site('proxied');
    const [apiProxy, segmentProxy] = [await proxy(t), await proxy(t)];
    const operator = await site.start({
      ...bundled,
      kubeconfig: await withPlugin(apiProxy.url.href),
      env: { HTTP_PROXY: segmentProxy.url.href },
    });
    await operator.ready();
    await lab.settle(site, { operator, told: await lab.users.createAll(lab.fresh(30)) });
    assert.ok(
      apiProxy.asked.every(({ line }) => line === `CONNECT ${new URL(lab.cp.server).host}`),
    );
    assert.ok(segmentProxy.asked.every(({ line }) => line.endsWith('/v1/batch')));
    assert.ok(apiProxy.asked.length > 0 && segmentProxy.asked.length > 0);
  });
});
