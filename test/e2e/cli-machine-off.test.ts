import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { releasedPackage } from '../../lab/support/programs.ts';
import { hasStrace } from '../../lab/support/sockets.ts';
import { buildKusk, type Machine, type Ran, startMachine, type Variables } from './kusk-machine.ts';

let kusk: Awaited<ReturnType<typeof buildKusk>>;
before(async () => {
  kusk = await buildKusk();
});
after(() => kusk.remove());

/** A machine whose endpoint has a name that would have to be looked up, behind a proxy that nobody may visit. */
async function setup(t: TestContext, env: Variables = {}) {
  const trap = { visits: 0 };
  const server = createServer((socket) => {
    trap.visits += 1;
    socket.destroy();
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const machine = startMachine(t, {
    program: kusk.program,
    endpoint: 'http://telemetry.invalid',
    env: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, ...env },
  });
  return { ...machine, trap };
}

/** Puts the state of a machine that has seen the notice into a folder. */
function knownState(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'id'), '5a'.repeat(32));
  writeFileSync(join(folder, 'notice'), '2026-11-22T08:00:00.000Z');
}

/** Everything below a folder with its kind, size and time of change. */
function contents(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => {
    const path = join(entry.parentPath, entry.name);
    const { size, mtimeMs } = entry.isSymbolicLink() ? { size: 0, mtimeMs: 0 } : statSync(path);
    return `${path} ${entry.isDirectory()} ${size} ${mtimeMs}`;
  });
}

/** Runs `kusk`, and returns every call to the system by which it would leave a trace. */
async function traced(t: TestContext, { machine, env }: { machine: Machine; env: Variables }) {
  const folder = mkdtempSync(join(tmpdir(), 'kusk-traced-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'strace.txt');
  const calls =
    'trace=network,process,openat,creat,mkdir,mkdirat,link,linkat,symlink,symlinkat,rename,renameat,renameat2,unlink,unlinkat,chmod,fchmodat,truncate,ftruncate';
  const wrap = hasStrace() ? ['strace', '-f', '-qq', '-e', calls, '-o', file] : [];
  const ran = await machine.run({ env, wrap });
  return { ran, traces: hasStrace() ? tracesIn(readFileSync(file, 'utf8')) : [] };
}

function tracesIn(text: string): readonly string[] {
  const calls = text.split('\n').map((line) => line.replace(/^\d+ +/, ''));
  const [, ...further] = calls.filter((call) => call.startsWith('execve('));
  return [
    ...further,
    ...calls.filter((call) => /^(socket|connect|sendto|sendmsg|bind)\(/.test(call)),
    // Threads are no processes.
    ...calls.filter(
      (call) => /^(fork|vfork|clone3?)\(/.test(call) && !call.includes('CLONE_THREAD'),
    ),
    ...calls.filter(
      (call) => /^openat\(.*O_(WRONLY|RDWR|CREAT)/.test(call) && !/"\/dev\/(null|tty)"/.test(call),
    ),
    ...calls.filter((call) =>
      /^(creat|mkdir|link|symlink|rename|unlink|chmod|fchmod|truncate|ftruncate)/.test(call),
    ),
  ];
}

const KNOWN = { title: '', prepare: ({ folder }: Machine) => knownState(folder) };
const cases: readonly {
  readonly title: string;
  readonly env?: Variables;
  readonly prepare?: (machine: Machine) => void;
}[] = [
  ...['false', 'FALSE', '0', 'no', 'N', 'f', 'off', ' Off ', '"false"', 'null', '', 'maybe'].map(
    (value) => ({
      ...KNOWN,
      title: `ANALYTICS_ENABLED is "${value}"`,
      env: { ANALYTICS_ENABLED: value },
    }),
  ),
  ...['1', 'true', 'Yes', 'on'].map((value) => ({
    ...KNOWN,
    title: `DO_NOT_TRACK is "${value}", whatever ANALYTICS_ENABLED says`,
    env: { DO_NOT_TRACK: value, ANALYTICS_ENABLED: 'true' },
  })),
  ...['true', '1', 'github'].map((value) => ({
    ...KNOWN,
    title: `CI is "${value}"`,
    env: { CI: value },
  })),
  // The `kusk` of a release can have one of its own.
  ...(releasedPackage() === undefined
    ? [{ ...KNOWN, title: 'there is no write key', env: { ANALYTICS_WRITE_KEY: undefined } }]
    : []),
  { ...KNOWN, title: 'the write key is empty', env: { ANALYTICS_WRITE_KEY: '' } },
  { ...KNOWN, title: 'the endpoint is none', env: { ANALYTICS_ENDPOINT: 'nowhere' } },
  { title: 'it runs for the first time, without a terminal' },
  {
    title: 'it was switched off',
    prepare({ folder }) {
      knownState(folder);
      writeFileSync(join(folder, 'consent'), 'off');
    },
  },
  {
    title: 'the id is damaged',
    prepare({ folder }) {
      knownState(folder);
      writeFileSync(join(folder, 'id'), 'mine');
    },
  },
  {
    title: 'the id and the switch have 10 MB',
    prepare({ folder }) {
      knownState(folder);
      for (const name of ['id', 'consent'])
        writeFileSync(join(folder, name), 'a'.repeat(10_000_000));
    },
  },
  {
    title: 'a symbolic link to a file of somebody else is in the place of the id',
    prepare({ folder, home }) {
      knownState(join(home, 'theirs'));
      knownState(folder);
      rmSync(join(folder, 'id'));
      symlinkSync(join(home, 'theirs/id'), join(folder, 'id'));
    },
  },
  {
    title: 'a symbolic link is in the place of the folder',
    prepare({ folder, home }) {
      knownState(join(home, 'theirs'));
      mkdirSync(join(folder, '..'), { recursive: true });
      symlinkSync(join(home, 'theirs'), folder);
    },
  },
  {
    title: 'other users can write to the folder',
    prepare({ folder }) {
      knownState(folder);
      chmodSync(folder, 0o777);
    },
  },
  { title: 'HOME is a file', env: { HOME: '/dev/null' } },
  { title: 'HOME is empty', env: { HOME: '' } },
  { title: 'HOME is relative', env: { HOME: 'home' } },
];

describe('kusk whose telemetry is off', { concurrency: 2 }, () => {
  let expected: Promise<Ran>;
  for (const { title, env = {}, prepare = () => {} } of cases) {
    it(`leaves no trace, and runs as always: ${title}`, async (t) => {
      expected ??= startMachine(t, { program: kusk.program, endpoint: '' }).run();
      const { out, err, code } = await expected;
      const machine = await setup(t);
      prepare(machine);
      const before = contents(machine.home);
      const { ran, traces } = await traced(t, { machine, env });
      assert.deepEqual(traces, []);
      assert.deepEqual([ran.out, ran.err, ran.code], [out, err, code]);
      assert.deepEqual(contents(machine.home), before);
      assert.equal(machine.trap.visits, 0);
      assert.deepEqual(machine.senders(), []);
      assert.equal(existsSync('home'), false);
    });
  }

  it('is seen if it does leave a trace', async (t) => {
    const machine = await setup(t);
    knownState(machine.folder);
    const { traces } = await traced(t, { machine, env: {} });
    if (!hasStrace()) return t.skip('without strace');
    for (const call of [
      /^execve\(/,
      /^socket\(/,
      /^mkdir/,
      /^openat\(.*spool\/[0-9a-f]{64}\.json.*O_CREAT/,
    ]) {
      assert.ok(
        traces.some((one) => call.test(one)),
        String(call),
      );
    }
  });
});
