import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { CommandContext } from '../../../src/cli/command.ts';
import { CommandError } from '../../../src/cli/command-error.ts';
import { pluginOutput } from '../../../src/cli/install/plugin-output.ts';
import { withCluster } from '../../../src/cli/install/session.ts';
import { unreachable } from '../../../src/cli/install/unreachable.ts';
import { CredentialsError } from '../../../src/cluster/errors.ts';
import type { Environment } from '../../../src/runtime/environment.ts';
import { selfSigned } from '../../deliver/certificate.ts';
import { proxy } from '../../deliver/proxies.ts';
import { listening } from '../../deliver/servers.ts';
import { aContext, recordingTerminal } from '../context.ts';

interface Parts {
  readonly server?: string;
  readonly environment?: Environment;
  readonly user?: object;
  readonly isTerminal?: boolean;
  /** Returns the flags and the environment that lead to a kubeconfig. */
  readonly named?: (kubeconfig: string) => Pick<CommandContext, 'flags' | 'environment'>;
}

/** Sends one request with a kubeconfig of these parts, and returns its error and what stderr has. */
async function failure(
  t: TestContext,
  { server = 'http://127.0.0.1:1', environment = {}, user = {}, isTerminal = false, named }: Parts,
) {
  const folder = await mkdtemp(join(tmpdir(), 'kusk-session-'));
  t.after(() => rm(folder, { recursive: true }));
  const kubeconfig = join(folder, 'config');
  const config = {
    clusters: [{ name: 'one', cluster: { server } }],
    users: [{ name: 'one', user }],
    contexts: [{ name: 'one', context: { cluster: 'one', user: 'one' } }],
    'current-context': 'one',
  };
  await writeFile(kubeconfig, JSON.stringify(config));
  const stderr = recordingTerminal({ isTerminal });
  const { context } = aContext({
    flags: { kubeconfig },
    environment,
    stderr,
    kill: process.kill,
    ...named?.(kubeconfig),
  });
  const error: unknown = await withCluster(context, ({ api }) => api.get('/version')).catch(
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof CommandError, String(error));
  return { error, said: stderr.text() };
}

describe('a kubeconfig', () => {
  it('is that of the variable if the flags are empty, as with kubectl', async (t) => {
    const inPod = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '2' };
    const { error } = await failure(t, {
      named: (file) => ({
        flags: { kubeconfig: '', context: '' },
        environment: { KUBECONFIG: file, ...inPod },
      }),
    });
    assert.match(error.message, /^the API server http:\/\/127\.0\.0\.1:1 cannot be reached: /);
  });
});

const plugin = (script: string) => ({
  exec: {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: '/bin/sh',
    args: ['-c', script],
  },
});

const CREDENTIALS =
  "the API server http://127.0.0.1:1 cannot be reached: the kubeconfig's credentials (exec plugin, token or certificate file) cannot be read";

describe('an exec plugin', () => {
  const message = 'printf "Visit https://login.example\\n\\033[31mnow" >&2; exit 1';

  it('shows its message, and nothing that a terminal would act on', async (t) => {
    const { error, said } = await failure(t, { user: plugin(message) });
    assert.equal(said, 'Visit https://login.example\n\\u001b[31mnow\n');
    // It was shown, so the error does not repeat it.
    assert.equal(error.message, CREDENTIALS);
    assert.equal(error.exitCode, 3);
  });

  it('shows it in lines of its own at a terminal, where a spinner may be', async (t) => {
    const { said } = await failure(t, { user: plugin(message), isTerminal: true });
    assert.equal(said, '\r\u001b[KVisit https://login.example\n\\u001b[31mnow\n');
  });

  it('that says the same again and again is shown once', () => {
    const stderr = recordingTerminal();
    const { show, hasShown } = pluginOutput(stderr);
    for (const text of ['a\r\n', 'a\r\n', 'b', 'a\r\n', 'b']) show(text);
    assert.equal(stderr.text(), 'a\nb\n');
    // It is forgotten after many others.
    for (let nth = 0; nth < 50; nth += 1) show(`${nth}`);
    show('b');
    assert.match(stderr.text(), /49\nb\n$/);
    show('x'.repeat(20_000));
    assert.deepEqual([hasShown('x'), hasShown('a')], [true, false]);
  });

  it('that can not be started is named', async (t) => {
    const { error } = await failure(t, { user: { exec: { command: '/nowhere/plugin' } } });
    assert.equal(error.message, `${CREDENTIALS} (ENOENT): spawn /nowhere/plugin ENOENT`);
  });

  it('may print a secret that is not JSON, which no error shows', async (t) => {
    const { error, said } = await failure(t, { user: plugin('echo secret') });
    assert.equal(error.message, `${CREDENTIALS}: the output of the exec plugin is not JSON`);
    assert.equal(said, '');
  });
});

describe('an API server that cannot be reached', () => {
  it('because no known authority has signed its certificate has advice about that', async (t) => {
    const { url } = await listening(
      https.createServer(selfSigned(), () => assert.fail('it was trusted')),
      t,
    );
    const server = `https://127.0.0.1:${url.port}`;
    const { error } = await failure(t, { server });
    const said = 'connection failed (DEPTH_ZERO_SELF_SIGNED_CERT)';
    assert.equal(error.message, `the API server ${server} cannot be reached: ${said}`);
    assert.match(error.advice ?? '', /not signed by the certificate authority of the kubeconfig/);
  });

  it('because the proxy of HTTPS_PROXY refuses has advice about that', async (t) => {
    const { url, asked } = await proxy(t, { status: 403 });
    const server = 'https://cluster.invalid:6443';
    const { error } = await failure(t, { server, environment: { HTTPS_PROXY: url.href } });
    assert.deepEqual(
      asked.map(({ line }) => line),
      ['CONNECT cluster.invalid:6443'],
    );
    assert.equal(error.exitCode, 3);
    assert.match(error.advice ?? '', /proxy refuses/);
  });

  it('because it is on this machine, where nothing listens, is not asked of a proxy', async (t) => {
    const { url, asked } = await proxy(t, { status: 403 });
    const { error } = await failure(t, { environment: { HTTP_PROXY: url.href } });
    assert.match(error.message, /ECONNREFUSED/);
    assert.deepEqual(asked, []);
  });

  it('because HTTPS_PROXY is malformed has an error that names it', async (t) => {
    const environment = { HTTPS_PROXY: 'ftp://me:secret@proxy.example' };
    const { error } = await failure(t, { server: 'https://cluster.invalid', environment });
    assert.match(error.message, /^HTTPS_PROXY must be the address of a proxy/);
    assert.equal(error.exitCode, 3);
  });

  const codes = [
    ['CERT_HAS_EXPIRED', /is not valid today/],
    ['CERT_NOT_YET_VALID', /is not valid today/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /is for another name/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /is not signed by the certificate authority/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /is not signed by the certificate authority/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', /TLS handshake fails/],
    ['ECONNREFUSED', /whether the network or VPN is up/],
  ] as const;
  const options = { server: 'https://one.example', hasShown: () => false };
  for (const [code, advice] of codes) {
    it(`has advice for ${code}`, () => {
      const cause = Object.assign(new Error('no'), { code });
      assert.match(unreachable(new Error('no', { cause }), options).advice ?? '', advice);
    });
  }

  it('because the credentials were not read in time has no text of the deadline', () => {
    const cause = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    const { message } = unreachable(new CredentialsError('were not read in time', cause), options);
    assert.match(message, /were not read in time$/);
  });
});
