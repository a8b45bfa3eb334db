import assert from 'node:assert/strict';
import { lstatSync } from 'node:fs';
import { after, before, describe, it, type TestContext } from 'node:test';
import { startEndpoint } from '../../lab/support/endpoint.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { NOTICE } from '../../src/cli/machine/notice.ts';
import { utcDay } from '../../src/event.ts';
import { messageId } from '../../src/record/events.ts';
import { aFile, start as startCollector } from '../collector/program.ts';
import { WRITE_KEY } from '../collector/setup.ts';
import { ARGS, buildKusk, COMMAND, type Machine, startMachine } from './kusk-machine.ts';

const DAY_MS = 86_400_000;
/** More than all tests of this file take, in milliseconds. */
const NEAR_MS = 120_000;
/** Everything that a user has typed, and that must not leave. */
const MARKERS = ['marker-context', 'marker-namespace', 'marker-file', 'marker-image'];

let kusk: Awaited<ReturnType<typeof buildKusk>>;
before(async () => {
  kusk = await buildKusk();
  await awayFromMidnight();
});
after(() => kusk.remove());

/**
 * Resolves when no midnight is near. Events are counted by UTC day, so these tests must end on the day on which
 * they began.
 */
async function awayFromMidnight(): Promise<void> {
  const today = utcDay(Date.now());
  const isNear = utcDay(Date.now() + NEAR_MS) !== today;
  if (isNear) await eventually(() => assert.notEqual(utcDay(Date.now()), today));
}

/** A machine whose events go to a real collector. */
async function setup(t: TestContext) {
  const collector = await startCollector(t, { file: aFile(t) });
  const env = { ANALYTICS_WRITE_KEY: WRITE_KEY };
  const machine = startMachine(t, { program: kusk.program, endpoint: collector.url, env });
  const numbers = async () => {
    const response = await fetch(`${collector.url}/v1/numbers`);
    const { total } = (await response.json()) as { readonly total: Record<string, number> };
    return { installs: total.cliInstallations, usages: total.cliUsages };
  };
  return { ...machine, numbers };
}

/** The file of an event of a machine, as the documentation says that it is named. */
function fileOf(machine: Machine, name: 'install' | typeof COMMAND, ms = Date.now()): string {
  const subject = name === 'install' ? '' : utcDay(ms);
  return `${messageId(machine.read('id'), { name, subject })}.json`;
}

/** Arguments of Node by which its clock is off by some days. */
function clockOffBy(days: number): readonly string[] {
  const code = `const now = Date.now; Date.now = () => now() + ${days * DAY_MS};`;
  return ['--import', `data:text/javascript,${encodeURIComponent(code)}`];
}

describe('kusk at a terminal', () => {
  it('shows the notice once, sends nothing in that run, and then counts', async (t) => {
    const machine = await setup(t);
    const { run, runAtTerminal, names, numbers, folder } = machine;
    const plain = await run();
    assert.deepEqual(names(), []);

    const first = await runAtTerminal();
    assert.ok(first.out.replaceAll('\r', '').startsWith(NOTICE), first.out);
    assert.equal(first.code, plain.code);
    assert.deepEqual(
      [...names()].sort((a, b) => (a < b ? -1 : 1)),
      ['id', 'notice'],
    );
    assert.equal(lstatSync(folder).mode & 0o777, 0o700);
    assert.deepEqual(machine.senders(), []);

    const second = await runAtTerminal();
    assert.ok(!second.out.includes('Kusk counts'), second.out);
    await machine.sent();
    assert.ok(names('sent').includes(fileOf(machine, 'install')));
    assert.ok(names('sent').includes(fileOf(machine, COMMAND)));
    assert.deepEqual(await numbers(), { installs: 1, usages: 1 });
  });

  it('shows no notice if it could not be recorded', async (t) => {
    const machine = await setup(t);
    const { out } = await machine.runAtTerminal({ env: { HOME: '/proc/kusk' } });
    assert.ok(!out.includes('Kusk counts'), out);
  });
});

describe('fifty runs on a day', () => {
  it('count once, twenty of them at the same time, and again on the next day', async (t) => {
    const machine = await setup(t);
    const { run, numbers } = machine;
    await machine.seeNotice();
    await Promise.all(Array.from({ length: 20 }, () => run()));
    await machine.sent();
    for (let runs = 0; runs < 30; runs += 1) await run();
    await machine.sent();
    assert.deepEqual(await numbers(), { installs: 1, usages: 1 });

    for (const days of [1, 0, 1, -1, 0, -1]) await run({ nodeArgs: clockOffBy(days) });
    await machine.sent();
    assert.deepEqual(await numbers(), { installs: 1, usages: 3 });
    assert.equal(machine.names('sent').length, 4);
  });
});

describe('kusk analytics', () => {
  it('shows exactly what leaves, before and after', async (t) => {
    const endpoint = await startEndpoint();
    t.after(() => endpoint.close());
    const machine = startMachine(t, { program: kusk.program, endpoint: endpoint.url });
    await machine.seeNotice();
    const away = { ANALYTICS_ENDPOINT: 'http://127.0.0.1:9' };
    await machine.run({ env: away });
    await machine.gone();
    const lines = (text: string) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    const preview = lines((await machine.run({ args: ['analytics', 'preview'] })).out);

    await machine.run();
    await machine.sent();
    assert.deepEqual(endpoint.accepted, preview.slice(0, 2));
    const log = lines((await machine.run({ args: ['analytics', 'log'] })).out);
    assert.deepEqual(log, preview.slice(0, 2));
  });

  it('disables for good with one last event that nothing can be joined to', async (t) => {
    const endpoint = await startEndpoint();
    t.after(() => endpoint.close());
    const machine = startMachine(t, { program: kusk.program, endpoint: endpoint.url });
    await machine.seeNotice();
    await machine.run();
    await machine.sent();
    const id = machine.read('id');
    for (let times = 0; times < 2; times += 1) {
      assert.equal((await machine.run({ args: ['analytics', 'disable'] })).code, 0);
      await machine.gone();
    }
    await machine.run({ nodeArgs: clockOffBy(1) });
    const [, ...last] = endpoint.arrivals;
    assert.equal(last.length, 1);
    assert.deepEqual(
      last[0]?.messages.map(({ properties }) => properties.event),
      ['analytics-disabled'],
    );
    assert.ok(!last[0]?.body.includes(id));
    assert.deepEqual(machine.senders(), []);
  });
});

describe('what a user types', () => {
  it('is in no request, no state and no log', async (t) => {
    const endpoint = await startEndpoint();
    t.after(() => endpoint.close());
    const machine = startMachine(t, { program: kusk.program, endpoint: endpoint.url });
    await machine.seeNotice();
    const [context, namespace, file, image] = MARKERS;
    const typed = [...ARGS, '--context', `${context}`, '-n', `${namespace}`, '--image', `${image}`];
    await machine.run({ args: [...typed, '--kubeconfig', `/tmp/${file}`] });
    await machine.run({ args: typed, env: { KUBECONFIG: `/tmp/${file}` } });
    await machine.sent();
    const stored = ['spool', 'sent'].flatMap((inner) =>
      machine.names(inner).map((name) => machine.read(`${inner}/${name}`)),
    );
    const { out } = await machine.run({ args: ['analytics', 'log'] });
    const requests = endpoint.arrivals.map(({ body, headers }) => body + JSON.stringify(headers));
    const everything = [...requests, ...stored, out].join('\n');
    assert.ok(everything.includes('cluster install'));
    for (const marker of [...MARKERS, machine.home])
      assert.ok(!everything.includes(marker), marker);
  });
});

describe('a kusk that was built with a write key', () => {
  it('sends with it, unless ANALYTICS_WRITE_KEY is set', async (t) => {
    const endpoint = await startEndpoint();
    t.after(() => endpoint.close());
    const own = await buildKusk({ writeKey: 'a-key-of-its-own' });
    t.after(own.remove);
    const env = { ANALYTICS_WRITE_KEY: undefined };
    const machine = startMachine(t, { program: own.program, endpoint: endpoint.url, env });
    await machine.seeNotice();
    await machine.run({ env: { ANALYTICS_WRITE_KEY: '' } });
    assert.deepEqual(machine.names(), ['id', 'notice']);
    await machine.run();
    await machine.sent();
    const basic = `Basic ${Buffer.from('a-key-of-its-own:').toString('base64')}`;
    assert.deepEqual(
      endpoint.arrivals.map(({ headers }) => headers.authorization),
      [basic],
    );
  });
});
