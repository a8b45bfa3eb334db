import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';

const BIN = join(import.meta.dirname, '../../src/bin');
const KUBECONFIG = {
  clusters: [{ name: 'c', cluster: { server: 'http://127.0.0.1:9' } }],
  users: [{ name: 'u', user: {} }],
  contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
  'current-context': 'x',
};

interface RunOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a program. Resolves once its standard output has a line or ends. */
async function start(t: TestContext, program: string, { args = [], env = {} }: RunOptions) {
  const child = spawn(process.execPath, [join(BIN, `${program}.ts`), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  await Promise.race([once(child.stdout, 'data'), ended]);
  return {
    child,
    /** Resolves once the program has exited. */
    result: ended.then(([[code], out, err]) => ({ code, out, err })),
  };
}

async function kubeconfig(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kusk-programs-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'kubeconfig');
  await writeFile(path, JSON.stringify(KUBECONFIG));
  return path;
}

/** Listens on a port, and returns its address. */
async function takenAddress(t: TestContext): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const cases: readonly (RunOptions & { readonly program: string; readonly err: RegExp })[] = [
  { program: 'kusk-gateway', args: ['--what'], err: /'--what'\nSee kusk-gateway --help\.\n$/ },
  { program: 'kusk-gateway', args: ['--opt-out='], err: /--opt-out needs the path of a file\n$/ },
  {
    program: 'kusk-gateway',
    env: { METRICS_BIND_ADDR: '8080' },
    err: /METRICS_BIND_ADDR is "8080"/,
  },
  { program: 'kusk-gateway', env: { KUBECONFIG: '/nowhere' }, err: /\/nowhere/ },
  { program: 'kusk-collector', args: ['--what'], err: /'--what'\nSee kusk-collector --help\.\n$/ },
  { program: 'kusk-collector', err: /COLLECTOR_WRITE_KEY/ },
];

describe('every program', () => {
  for (const { program, args, env, err } of cases) {
    const title = `${program} ${[...(args ?? []), ...Object.keys(env ?? {})].join(' ')}`.trim();
    it(`exits with 2 and one message for a wrong flag or setting: ${title}`, async (t) => {
      const { result } = await start(t, program, { args: args ?? [], env: env ?? {} });
      const ended = await result;
      assert.equal(ended.code, 2, ended.err);
      assert.equal(ended.out, '');
      assert.match(ended.err, err);
      assert.ok(ended.err.startsWith(`${program}: `), ended.err);
    });
  }

  for (const program of ['kusk-gateway', 'kusk-collector']) {
    it(`prints its help and exits with 0: ${program}`, async (t) => {
      const { code, out, err } = await (await start(t, program, { args: ['--help'] })).result;
      assert.deepEqual({ code, err }, { code: 0, err: '' });
      assert.match(out, new RegExp(`^Usage: ${program} `, 'm'));
    });
  }

  it('exits with 1 and one message if its port is taken', async (t) => {
    const address = await takenAddress(t);
    const operatorEnv = {
      KUBECONFIG: await kubeconfig(t),
      HEALTH_PROBE_BIND_ADDR: address,
      METRICS_BIND_ADDR: '127.0.0.1:0',
    };
    const collectorArgs = ['--listen', address, '--database=:memory:', '--write-key=k'];
    for (const [program, options, message] of [
      ['kusk-gateway', { env: operatorEnv }, /EADDRINUSE.*HEALTH_PROBE_BIND_ADDR/],
      ['kusk-collector', { args: collectorArgs }, /EADDRINUSE/],
    ] as const) {
      const { code, out, err } = await (await start(t, program, options)).result;
      assert.deepEqual({ code, out }, { code: 1, out: '' }, err);
      assert.match(err, message);
      assert.ok(err.startsWith(`${program}: `), err);
    }
  });

  it('logs one JSON object a line, with its level as a word and its time in ISO 8601', async (t) => {
    const operatorEnv = {
      KUBECONFIG: await kubeconfig(t),
      HEALTH_PROBE_BIND_ADDR: '0',
      METRICS_BIND_ADDR: '0',
    };
    const collectorArgs = ['--listen', ':0', '--database=:memory:', '--write-key=k'];
    for (const [program, options] of [
      ['kusk-gateway', { env: operatorEnv }],
      ['kusk-collector', { args: collectorArgs }],
    ] as const) {
      const { child, result } = await start(t, program, options);
      child.kill('SIGTERM');
      const { code, out, err } = await result;
      assert.equal(code, 0, err);
      for (const line of out.trimEnd().split('\n')) {
        const { level, time, msg } = JSON.parse(line);
        assert.match(level, /^(info|warn|error)$/);
        assert.equal(new Date(time).toISOString(), time);
        assert.equal(typeof msg, 'string');
      }
    }
  });
});
