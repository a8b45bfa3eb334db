import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { constants } from 'node:fs';
import { mkdtemp, open as openFile, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { eventually } from '../../lab/support/eventually.ts';
import { fakeTime } from '../../lab/support/fake-time.ts';
import { connect } from '../../src/cluster/connect.ts';
import { credentials } from '../../src/cluster/credentials.ts';
import { reasonOf } from '../../src/cluster/errors.ts';
import type { Kill } from '../../src/cluster/exec-plugins.ts';
import { loadKubeConfig } from '../../src/cluster/kubeconfig.ts';
import { selfSigned } from '../deliver/certificate.ts';
import { listening } from '../deliver/servers.ts';

const { signal } = new AbortController();
const LATE = /exec plugin, token or certificate file\) were not read in time$/;

interface ConfigParts {
  readonly server?: string;
  readonly user?: object;
  readonly cluster?: object;
}

function configOf({ server = 'http://127.0.0.1:1', user = {}, cluster = {} }: ConfigParts): string {
  return JSON.stringify({
    'current-context': 'one',
    clusters: [{ name: 'one', cluster: { server, ...cluster } }],
    users: [{ name: 'one', user }],
    contexts: [{ name: 'one', context: { cluster: 'one', user: 'one' } }],
  });
}

/** A folder with a kubeconfig that can be rewritten, and an API server that records each token. */
async function setup(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'credentials-'));
  t.after(() => rm(folder, { recursive: true }));
  const kubeconfig = join(folder, 'kubeconfig');
  const tokens: (string | undefined)[] = [];
  const api = http.createServer(({ headers }, response) => {
    tokens.push(headers.authorization);
    response.end('{}');
  });
  const { url } = await listening(api, t);
  const server = url.href;

  /** Creates a plugin that records its process id on each start and then runs this shell script. */
  async function plugin(script: string) {
    const path = join(folder, 'plugin.sh');
    const starts = join(folder, 'starts');
    await writeFile(starts, '');
    await writeFile(path, `#!/bin/sh\necho $$ >> ${starts}\n${script}\n`, { mode: 0o755 });
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: path, args: [] };
    return {
      user: { exec },
      started: async () => (await readFile(starts, 'utf8')).split('\n').filter(Boolean).map(Number),
    };
  }

  function open() {
    const connection = connect({ kubeconfig, kill: process.kill });
    t.after(() => connection.close());
    return connection;
  }

  return {
    folder,
    server,
    tokens,
    kubeconfig,
    plugin,
    open,
    write: (parts: ConfigParts) => writeFile(kubeconfig, configOf(parts)),
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('an exec plugin', () => {
  const credentialScript = (token: string) =>
    `echo '${JSON.stringify({ kind: 'ExecCredential', status: { token } })}'`;

  it('runs once for all concurrent requests, and its token is used', async (t) => {
    const { server, tokens, plugin, write, open } = await setup(t);
    const { user, started } = await plugin(credentialScript('abc'));
    await write({ server, user });
    const { request } = open();
    await Promise.all([request('/a', { signal }), request('/b', { signal })]);
    await request('/c', { signal });
    assert.deepEqual(tokens, Array(3).fill('Bearer abc'));
    assert.equal((await started()).length, 1);
  });

  it('that hangs delays a request no longer than its idle timeout, and is one process', async (t) => {
    const { server, tokens, plugin, write, open } = await setup(t);
    const { user, started } = await plugin('sleep 3600');
    await write({ server, user });
    const { request, close } = open();
    const late = { message: LATE };
    for (let count = 0; count < 3; count += 1) {
      const requests = [1, 2, 3].map(() => request('/', { signal, idleTimeoutMs: 100 }));
      await Promise.all(requests.map((one) => assert.rejects(one, late)));
    }
    const deadline = { signal: AbortSignal.timeout(50) };
    await assert.rejects(request('/', deadline), late);
    const [pid = 0, ...more] = await started();
    assert.deepEqual(more, []);
    const [child = 0] = childrenOf(pid);
    assert.ok(isAlive(pid) && isAlive(child));
    await close();
    await eventually(() => assert.ok(!isAlive(pid) && !isAlive(child)));
    assert.deepEqual(tokens, []);
  });

  it('that hangs does not delay a caller that aborts', async (t) => {
    const { server, plugin, write, open } = await setup(t);
    const { user } = await plugin('sleep 3600');
    await write({ server, user });
    const stop = new AbortController();
    const pending = open().request('/', { signal: stop.signal });
    stop.abort();
    await assert.rejects(pending, { name: 'AbortError' });
  });

  it('is killed after 30 s, and only then does another start', async (t) => {
    const { server, plugin, write, kubeconfig } = await setup(t);
    const { user, started } = await plugin('sleep 3600');
    await write({ server, user });
    const clock = fakeTime();
    const { read, end } = credentials({ ...clock.time, kill: process.kill, login: undefined });
    t.after(end);
    const config = loadKubeConfig({ kubeconfig });
    const asking = () =>
      assert.rejects(read(config, { signal, timeoutMs: 10_000 }), /in time|be read/);
    for (let tenth = 1; tenth <= 3; tenth += 1) {
      const one = asking();
      await eventually(async () => assert.equal((await started()).length, 1));
      await clock.pass(10_000);
      await one;
    }
    const [first = 0] = await started();
    await eventually(() => assert.ok(!isAlive(first)));
    await eventually(async () => {
      const another = asking();
      await clock.pass(10_000);
      await another;
      assert.equal((await started()).length, 2);
    });
  });

  it('with which a person logs in is shown, and a request waits for it', async (t) => {
    const { folder, plugin, write, kubeconfig } = await setup(t);
    const done = join(folder, 'done');
    execFileSync('mkfifo', [done]);
    const script = `echo 'Visit https://login.example' >&2\ncat ${done} >&2\n`;
    const { user, started } = await plugin(`${script}${credentialScript('abc')}`);
    await write({ user });
    let said = '';
    const onOutput = (text: string) => {
      said += text;
    };
    const clock = fakeTime();
    const login = { timeoutMs: 300_000, holdsRequests: true, onOutput };
    const { read, end } = credentials({ ...clock.time, kill: process.kill, login });
    t.after(end);
    const reading = read(loadKubeConfig({ kubeconfig }), { signal, timeoutMs: 10_000 });
    const result = reading.catch((error: unknown) => error);
    await eventually(() => assert.equal(said, 'Visit https://login.example\n'));
    await clock.pass(200_000);
    await writeFile(done, 'Welcome\n');
    assert.partialDeepStrictEqual(await result, { headers: { Authorization: 'Bearer abc' } });
    assert.equal(said, 'Visit https://login.example\nWelcome\n');
    assert.equal((await started()).length, 1);
  });

  it('with which a person logs in is killed only after the limit of the login', async (t) => {
    const { plugin, write, kubeconfig } = await setup(t);
    const { user, started } = await plugin('sleep 3600');
    await write({ user });
    const clock = fakeTime();
    const killed: number[] = [];
    const kill: Kill = (pid, reason) => {
      killed.push(pid);
      return process.kill(pid, reason);
    };
    const login = { timeoutMs: 60_000, holdsRequests: false, onOutput: () => undefined };
    const { read, end } = credentials({ ...clock.time, kill, login });
    t.after(end);
    const config = loadKubeConfig({ kubeconfig });
    const late = assert.rejects(read(config, { signal, timeoutMs: 10_000 }), { message: LATE });
    await eventually(async () => assert.equal((await started()).length, 1));
    const [pid = 0] = await started();
    await clock.pass(59_000);
    await late;
    assert.deepEqual(killed, []);
    await clock.pass(1_000);
    assert.deepEqual(killed, [-pid]);
    await eventually(() => assert.ok(!isAlive(pid)));
  });

  const failures = [
    { title: 'fails', script: 'echo secret >&2; exit 3' },
    { title: 'writes no valid credential', script: 'echo secret' },
  ];
  for (const { title, script } of failures) {
    it(`that ${title} is named as the reason, without its output`, async (t) => {
      const { server, plugin, write, open } = await setup(t);
      await write({ server, user: (await plugin(script)).user });
      const error = await open()
        .request('/', { signal })
        .catch((reason: unknown) => reason);
      assert.match(reasonOf(error), /exec plugin.* cannot be read$/);
    });
  }

  it('that does not exist is named as the reason', async (t) => {
    const { server, write, open } = await setup(t);
    await write({ server, user: { exec: { command: '/nowhere/plugin' } } });
    const error = await open()
      .request('/', { signal })
      .catch((reason: unknown) => reason);
    assert.match(reasonOf(error), /exec plugin.* cannot be read \(ENOENT\)$/);
  });
});

function childrenOf(pid: number): readonly number[] {
  const text = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  return text.split('\n').filter(Boolean).map(Number);
}

describe('a token file', () => {
  it('that hangs, as on a dead file system, does not block other reads', async (t) => {
    const { folder, server, tokens, write, open } = await setup(t);
    const tokenFile = join(folder, 'token');
    execFileSync('mkfifo', [tokenFile]);
    await write({ server, user: { tokenFile } });
    const { request } = open();
    for (let count = 0; count < 20; count += 1) {
      await assert.rejects(request('/', { signal, idleTimeoutMs: 10 }), { message: LATE });
    }
    // One read hangs, not twenty: other files can be read.
    assert.ok(await readFile(join(folder, 'kubeconfig')));
    const writer = await openFile(tokenFile, constants.O_WRONLY);
    await writer.write('abc\n');
    await writer.close();
    await eventually(() => request('/', { signal, idleTimeoutMs: 100 }));
    assert.equal(tokens.at(-1), 'Bearer abc');
  });

  it('that is gone leaves its token in use', async (t) => {
    const { folder, server, tokens, write, kubeconfig } = await setup(t);
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, 'abc\n');
    await write({ server, user: { tokenFile } });
    const clock = fakeTime();
    const { read } = credentials({ ...clock.time, kill: undefined, login: undefined });
    const config = loadKubeConfig({ kubeconfig });
    const headers = async () => (await read(config, { signal, timeoutMs: 60_000 })).headers;
    assert.deepEqual(await headers(), { Authorization: 'Bearer abc' });
    await rm(tokenFile);
    await clock.pass(61_000);
    assert.deepEqual(await headers(), { Authorization: 'Bearer abc' });
    await writeFile(tokenFile, 'def');
    assert.deepEqual(await headers(), { Authorization: 'Bearer def' });
    assert.deepEqual(tokens, []);
  });

  it('that never existed is named as the reason', async (t) => {
    const { folder, server, write, open } = await setup(t);
    await write({ server, user: { tokenFile: join(folder, 'none') } });
    const error = await open()
      .request('/', { signal })
      .catch((reason: unknown) => reason);
    assert.match(reasonOf(error), /token .* cannot be read \(ENOENT\)$/);
  });
});

describe('a kubeconfig that changes while it is in use', () => {
  it('to another authority: the next request trusts it', async (t) => {
    const { write, open } = await setup(t);
    const [one, another] = [selfSigned(), selfSigned()];
    const api = https.createServer(one, (_, response) => response.end('{}'));
    const { url } = await listening(api, t, 'https');
    const trusting = ({ cert }: ReturnType<typeof selfSigned>) => ({
      server: url.href,
      cluster: { 'certificate-authority-data': Buffer.from(cert).toString('base64') },
    });
    await write(trusting(one));
    const { request } = open();
    const send = async () => await (await request('/', { signal })).body.dump();
    await send();
    api.setSecureContext(another);
    api.closeAllConnections();
    await assert.rejects(eventually(send, { withinMs: 0 }));
    await write(trusting(another));
    await send().catch(() => undefined);
    await send();
  });

  it('to another address: the next request goes there', async (t) => {
    const { server, tokens, write, open } = await setup(t);
    await write({});
    const { request } = open();
    await assert.rejects(request('/', { signal }), /ECONNREFUSED|bad port/);
    await write({ server });
    await request('/', { signal }).catch(() => undefined);
    await request('/', { signal });
    assert.equal(tokens.length, 1);
  });

  it('and cannot be read for a short time: the previous one stays in use', async (t) => {
    const { server, kubeconfig, tokens, write, open } = await setup(t);
    await write({ user: { token: 'abc' } });
    const { request } = open();
    await writeFile(kubeconfig, '{');
    await assert.rejects(request('/', { signal }), /ECONNREFUSED|bad port/);
    await write({ server, user: { token: 'def' } });
    await request('/', { signal }).catch(() => undefined);
    await request('/', { signal });
    assert.deepEqual(tokens, ['Bearer def']);
  });
});
