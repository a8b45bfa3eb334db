import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { startEndpoint } from '../../lab/support/endpoint.ts';
import manifest from '../../package.json' with { type: 'json' };
import { exportText } from '../../src/cli/install/export.ts';
import { NOTICE } from '../../src/cli/machine/notice.ts';
import { buildExecutable } from '../../tools/cli/executable.ts';
import { ARGS, startMachine } from './kusk-machine.ts';

const skip = process.platform === 'linux' ? false : 'it is built on Linux only';

describe('the single executable of kusk', { skip }, () => {
  let folder: string;
  let program: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kusk-executable-'));
    program = await buildExecutable({ into: folder, writeKey: '' });
  });
  after(() => rm(folder, { recursive: true }));

  /** A machine without Node. `script` needs the system's folders. */
  async function setup(t: TestContext) {
    const endpoint = await startEndpoint();
    t.after(() => endpoint.close());
    const env = { PATH: '/usr/bin:/bin' };
    const machine = startMachine(t, { program, isExecutable: true, endpoint: endpoint.url, env });
    return { ...machine, endpoint };
  }

  it('is one file that can be run', async () => {
    assert.deepEqual(await readdir(folder), [`kusk-linux-${process.arch}`]);
    assert.equal((await stat(program)).mode & 0o777, 0o755);
  });

  it('has the same bytes each time that it is built', async () => {
    const again = await buildExecutable({ into: join(folder, 'again'), writeKey: '' });
    const [first, second] = await Promise.all([program, again].map((file) => readFile(file)));
    assert.ok(first !== undefined && second !== undefined && first.equals(second));
    await rm(join(folder, 'again'), { recursive: true });
  });

  const lines = [
    { args: ['version'], code: 0, out: `kusk ${manifest.version}\n`, err: /^$/ },
    { args: ['--version'], code: 0, out: `kusk ${manifest.version}\n`, err: /^$/ },
    { args: ['clutser'], code: 2, out: '', err: /Did you mean cluster\?/ },
    { args: ['version', '-o', 'xml'], code: 2, out: '', err: /json/ },
    {
      args: ['cluster', 'check', '--kubeconfig', 'nowhere'],
      code: 3,
      out: '',
      err: /nowhere/,
    },
  ];
  for (const { args, code, out, err } of lines) {
    it(`runs kusk ${args.join(' ')}`, async (t) => {
      const { run } = await setup(t);
      const ran = await run({ args });
      assert.deepEqual([ran.code, ran.out], [code, out], ran.err);
      assert.match(ran.err, err);
    });
  }

  it('prints the objects of an installation, and its state as JSON', async (t) => {
    const { run } = await setup(t);
    const { out } = await run();
    assert.equal(out, await exportText({ namespace: 'kusk-system', analytics: true }));
    const status = await run({ args: ['analytics', 'status', '-o', 'json'] });
    assert.equal(JSON.parse(status.out).machine.telemetry, 'off');
  });

  it('shows the notice once, and sends by itself', async (t) => {
    const { run, runAtTerminal, sent, endpoint } = await setup(t);
    const first = await runAtTerminal({ args: ARGS });
    assert.ok(first.out.replaceAll('\r', '').startsWith(NOTICE), first.out);
    await run();
    await sent();
    const events = endpoint.accepted.map(({ properties }) => properties.event);
    assert.deepEqual(events.toSorted(), ['cluster install', 'install']);
  });
});
