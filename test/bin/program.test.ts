import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';

const PROGRAM = pathToFileURL(join(import.meta.dirname, '../../src/bin/program.ts')).href;

/** More than a pipe or a socket holds, in bytes. */
const LONG = 5_000_000;

/** Starts a program whose `run` has this body. `wrap` is what starts it: a shell with its arguments. */
function start(t: TestContext, body: string, wrap: readonly string[] = []) {
  const code = `import { runProgram } from '${PROGRAM}';
    await runProgram({ name: 'a-program', parse: async () => ({}), run: async () => { ${body} } });`;
  const line = [...wrap, process.execPath, '--input-type=module', '--eval', code];
  const [command = '', ...args] = line;
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  const closed = once(child, 'close');
  return {
    child,
    /** Reads its output. Resolves once it has exited. */
    async result() {
      const [[exitCode, signal], out, err] = await Promise.all([
        closed,
        child.stdout.destroyed ? '' : text(child.stdout),
        text(child.stderr),
      ]);
      return { code: exitCode, signal, length: out.length, err };
    },
  };
}

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kusk-program-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

const IS_WINDOWS = process.platform === 'win32';

describe('a program whose run has ended', { concurrency: true }, () => {
  it('exits with its own code if a socket is still open', async (t) => {
    const server = createServer().listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { result } = start(
      t,
      `process.exitCode = 3; (await import('node:net')).connect(${port}, '127.0.0.1');`,
    );
    assert.deepEqual(await result(), { code: 3, signal: null, length: 0, err: '' });
  });

  it('is killed if a read hangs in a file system', { skip: IS_WINDOWS }, async (t) => {
    const path = join(newFolder(t), 'pipe');
    execFileSync('mkfifo', [path]);
    const { result } = start(t, `(await import('node:fs')).readFile('${path}', () => {});`);
    assert.equal((await result()).signal, 'SIGKILL');
  });

  it('waits for a slow reader of its output', async (t) => {
    // The timer is longer than the time that a program has to exit.
    const { child, result } = start(
      t,
      `process.stdout.write('x'.repeat(${LONG}));
       setTimeout(() => process.stderr.write('still there'), 1_200).unref();`,
    );
    await Promise.race([once(child.stderr, 'readable'), once(child, 'exit')]);
    const expected = { code: 0, signal: null, length: LONG, err: 'still there' };
    assert.deepEqual(await result(), expected);
  });

  it('is ended by a signal while it waits for its reader', { skip: IS_WINDOWS }, async (t) => {
    const { child, result } = start(
      t,
      `process.stdout.write('x'.repeat(${LONG}));
       setImmediate(() => process.stderr.write('ended'));`,
    );
    await once(child.stderr, 'readable');
    child.kill('SIGINT');
    assert.equal((await result()).signal, 'SIGINT');
  });

  it('exits with 0 if the reader of its output has exited', async (t) => {
    const { child, result } = start(t, `process.stdout.write('x'.repeat(${LONG}));`);
    child.stdout.destroy();
    assert.deepEqual(await result(), { code: 0, signal: null, length: 0, err: '' });
  });

  const stopped = `const held = setInterval(() => {}, 1_000);
    process.kill(process.pid, 'SIGTERM');
    await new Promise((resolve) => process.once('SIGTERM', resolve));
    clearInterval(held);`;
  const failed = [
    { title: 'exits with 1 and says why', body: '', code: 1, err: /^a-program: .*EFBIG.*\n$/ },
    { title: 'keeps its own code', body: 'process.exitCode = 3;', code: 3, err: /^$/ },
    { title: 'exits with 0 after SIGTERM', body: stopped, code: 0, err: /^$/ },
  ];
  for (const { title, body, code, err } of failed) {
    it(`${title} if its output does not fit into the file`, { skip: IS_WINDOWS }, async (t) => {
      const path = join(newFolder(t), 'output');
      // At most 4 MB. The file with the coverage of the program must fit.
      const shell = ['sh', '-c', `ulimit -f 4000; exec "$@" > ${path}`, 'sh'];
      const { result } = start(t, `${body} process.stdout.write('x'.repeat(${LONG}));`, shell);
      const ended = await result();
      assert.equal(ended.code, code);
      assert.match(ended.err, err);
      assert.ok(readFileSync(path).length < LONG);
    });
  }
});
