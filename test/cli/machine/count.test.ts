import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { CountOptions } from '../../../src/cli/machine/count.ts';
import { NOTICE } from '../../../src/cli/machine/notice.ts';
import type { Environment } from '../../../src/runtime/environment.ts';
import { COMMAND, DAY_MS, ID, idOf, NOON, newMachine, sorted } from './machine.ts';

const SPOOLED = sorted([`${idOf('install', NOON)}.json`, `${idOf(COMMAND, NOON)}.json`]);

describe('the first run', () => {
  it('shows the notice at a terminal, records it and creates an id, and sends nothing', (t) => {
    const { count, printed, started, names, read, folder } = newMachine(t, {
      isKnown: false,
      isTerminal: true,
    });
    count();
    assert.deepEqual(printed, [NOTICE]);
    assert.deepEqual(names(), ['id', 'notice']);
    assert.match(read('id'), /^[0-9a-f]{64}$/);
    assert.equal(read('notice'), '2026-11-23T12:00:00.000Z');
    assert.equal(lstatSync(folder).mode & 0o777, 0o700);
    assert.equal(lstatSync(join(folder, 'id')).mode & 0o777, 0o600);
    assert.deepEqual(started, []);
  });

  it('shows a notice that fits a terminal and names both switches', () => {
    for (const line of NOTICE.split('\n')) assert.ok(line.length <= 80, line);
    for (const word of ['kusk analytics disable', 'ANALYTICS_ENABLED=false', 'DO_NOT_TRACK=1']) {
      assert.ok(NOTICE.includes(word), word);
    }
  });

  it('leaves no trace where there is no terminal', (t) => {
    const { count, home, printed, started } = newMachine(t, { isKnown: false });
    count();
    assert.deepEqual([readdirSync(home), printed, started], [[], [], []]);
  });

  it('is followed by a run that enqueues the install and the command', (t) => {
    const { count, printed, started, names, file } = newMachine(t, {
      isKnown: false,
      isTerminal: true,
    });
    count();
    count();
    assert.deepEqual(printed, [NOTICE]);
    assert.equal(names('spool')?.length, 2);
    assert.ok(!names('spool')?.includes(file('install')), 'under the id that was created');
    assert.deepEqual(started, ['sender']);
  });

  it('shows no notice if another run has just done so', (t) => {
    const { count, options, write, printed } = newMachine(t, { isKnown: false, isTerminal: true });
    count({
      randomId() {
        write('notice', '2026-11-23T12:00:00.000Z');
        return options.randomId();
      },
    });
    assert.deepEqual(printed, []);
  });

  it('shows the notice again if its record is damaged', (t) => {
    const { count, write, read, printed } = newMachine(t, { isTerminal: true });
    write('notice', 'yes');
    count();
    assert.deepEqual(printed, [NOTICE]);
    assert.equal(read('notice'), '2026-11-23T12:00:00.000Z');
    assert.equal(read('id'), ID);
  });
});

describe('a machine without an id', () => {
  it('gets one when it is needed, if the notice was seen', (t) => {
    const { count, write, read, names, started } = newMachine(t, { isKnown: false });
    write('notice', '2026-11-22T08:00:00.000Z');
    count();
    assert.match(read('id'), /^[0-9a-f]{64}$/);
    assert.equal(names('spool')?.length, 2);
    assert.deepEqual(started, ['sender']);
  });
});

describe('telemetry that is off', () => {
  const variables: readonly Environment[] = [
    { ANALYTICS_ENABLED: 'false' },
    { ANALYTICS_ENABLED: ' "OFF" ' },
    { ANALYTICS_ENABLED: '' },
    { ANALYTICS_ENABLED: 'maybe' },
    { DO_NOT_TRACK: '1', ANALYTICS_ENABLED: 'true' },
    { CI: 'true' },
    { CI: 'woodpecker' },
    { ANALYTICS_WRITE_KEY: '' },
    { ANALYTICS_WRITE_KEY: 'a key' },
    { ANALYTICS_ENDPOINT: 'ftp://example.com' },
  ];
  for (const environment of variables) {
    for (const isKnown of [false, true]) {
      const before = isKnown ? 'after the notice' : 'at the first run';
      it(`writes and starts nothing ${before}: ${JSON.stringify(environment)}`, (t) => {
        const machine = newMachine(t, { isKnown, isTerminal: true, environment });
        machine.count();
        assert.deepEqual(machine.names(), isKnown ? ['id', 'notice'] : undefined);
        assert.equal(existsSync(join(machine.home, '.local')), isKnown);
        assert.deepEqual([machine.printed, machine.started], [[], []]);
      });
    }
  }

  const states = [
    { title: 'consent is off', name: 'consent', text: 'off' },
    { title: 'consent is off, written by hand', name: 'consent', text: ' Off\n' },
    { title: 'consent is empty', name: 'consent', text: '' },
    { title: 'consent is garbage', name: 'consent', text: '\u001b[31m' },
    { title: 'consent has 10 MB', name: 'consent', text: 'on'.padEnd(10_000_000) },
    { title: 'the id is damaged', name: 'id', text: ID.slice(1) },
    { title: 'the id is in upper case', name: 'id', text: ID.toUpperCase() },
    { title: 'the id is empty', name: 'id', text: '' },
    { title: 'the id has 10 MB', name: 'id', text: ID.padEnd(10_000_000) },
  ];
  for (const { title, name, text } of states) {
    it(`writes and starts nothing if ${title}`, (t) => {
      const machine = newMachine(t, { isTerminal: true });
      machine.write(name, text);
      machine.count();
      assert.deepEqual(machine.names('spool'), undefined);
      assert.equal(machine.read(name), text);
      assert.deepEqual([machine.printed, machine.started], [[], []]);
    });
  }
});

describe('telemetry in a job', () => {
  for (const environment of [
    { CI: 'true', ANALYTICS_ENABLED: 'on' },
    { CI: 'false' },
    { CI: '' },
  ]) {
    it(`is on: ${JSON.stringify(environment)}`, (t) => {
      const { count, names } = newMachine(t, { environment });
      count();
      assert.deepEqual(names('spool'), SPOOLED);
    });
  }
});

describe('a run of a command', () => {
  it('is counted once a UTC day, and the install once', (t) => {
    const { count, names, file, clock, started } = newMachine(t);
    for (let run = 0; run < 50; run += 1) count();
    assert.deepEqual(names('spool'), SPOOLED);
    clock.ms += DAY_MS;
    count();
    assert.deepEqual(names('spool'), sorted([...SPOOLED, file(COMMAND)]));
    assert.equal(started.length, 51, 'what is pending is tried by each run');
  });

  it('is counted once a day whatever way the clock is set', (t) => {
    const { count, names, clock } = newMachine(t);
    for (const days of [0, 3, -2, 0, 3, -700, 0, -20_000, 3]) {
      clock.ms = NOON + days * DAY_MS;
      count();
    }
    assert.equal(names('spool')?.length, 1 + new Set([0, 3, -2, -700, -20_000]).size);
  });

  it('is not counted by a clock in the year 10000, which every endpoint refuses', (t) => {
    const { count, names, clock } = newMachine(t);
    clock.ms = Date.parse('+010000-01-01T00:00:00Z');
    count();
    assert.equal(names('spool'), undefined);
  });

  it('holds nothing but the id, the name and the time', (t) => {
    const { count, read, file } = newMachine(t);
    count();
    assert.deepEqual(JSON.parse(read(`spool/${file(COMMAND)}`)), {
      messageId: idOf(COMMAND, NOON),
      anonymousId: ID,
      userId: ID,
      event: 'kusk-cli',
      properties: { event: COMMAND },
      timestamp: '2026-11-23T12:00:00.000Z',
    });
  });
});

describe('a state folder that can not be used', () => {
  function setup(t: Parameters<typeof newMachine>[0]) {
    const machine = newMachine(t, { isKnown: false, isTerminal: true });
    const run = (options: Partial<CountOptions> = {}) => {
      machine.count(options);
      assert.deepEqual([machine.printed, machine.started], [[], []]);
    };
    return { ...machine, run };
  }

  it('is a symbolic link: nothing is written through it', (t) => {
    const { run, folder, home } = setup(t);
    mkdirSync(join(home, 'elsewhere'));
    mkdirSync(join(folder, '..'), { recursive: true });
    symlinkSync(join(home, 'elsewhere'), folder);
    run();
    assert.deepEqual(readdirSync(join(home, 'elsewhere')), []);
  });

  for (const name of ['spool', 'sent']) {
    it(`has a symbolic link in the place of ${name}`, (t) => {
      const machine = newMachine(t);
      mkdirSync(join(machine.home, 'elsewhere'));
      symlinkSync(join(machine.home, 'elsewhere'), join(machine.folder, name));
      machine.count();
      assert.deepEqual(machine.started, []);
      assert.deepEqual(readdirSync(join(machine.home, 'elsewhere')), []);
    });
  }

  it('has far too many files', (t) => {
    const { folder, count, names, write } = newMachine(t);
    for (let file = 0; file < 5_000; file += 1) write(`spool/${'x'.repeat(230)}${file}`, '');
    if (lstatSync(join(folder, 'spool')).size <= 1_000_000) {
      return t.skip('the size of a folder does not grow with its names');
    }
    count();
    assert.equal(names('spool')?.length, 5_000);
    assert.equal(names('sent'), undefined);
  });

  it('is a file', (t) => {
    const { run, write } = setup(t);
    write('../kusk', 'mine');
    run();
  });

  it('can be changed by others', (t) => {
    const { run, folder } = setup(t);
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o777);
    run();
    assert.deepEqual(readdirSync(folder), []);
  });

  it('belongs to another user', (t) => {
    const { run, folder } = setup(t);
    mkdirSync(folder, { recursive: true });
    run({ uid: (process.geteuid?.() ?? 0) + 1 });
    assert.deepEqual(readdirSync(folder), []);
  });

  it('is not there, and its place belongs to another user', (t) => {
    const { run, home } = setup(t);
    const uid = process.geteuid?.() ?? 0;
    // What root finds with sudo, or any other user in a folder of a third one.
    if (uid === 0) chownSync(home, 4_711, 4_711);
    run({ uid: uid === 0 ? 0 : uid + 1 });
    assert.deepEqual(readdirSync(home), []);
  });

  it('is not there, nor is the home folder', (t) => {
    const { run, home } = setup(t);
    run({ home: join(home, 'nobody') });
    assert.deepEqual(readdirSync(home), []);
  });

  it('can not be created, as below /proc', (t) => {
    const { run } = setup(t);
    run({ home: '/proc' });
  });

  for (const home of ['', 'relative/home']) {
    it(`has no absolute path: HOME is "${home}"`, (t) => {
      const { run } = setup(t);
      run({ home });
      assert.equal(existsSync('relative'), false);
    });
  }

  it('ignores a relative XDG_STATE_HOME', (t) => {
    const { count, names } = newMachine(t, { environment: { XDG_STATE_HOME: 'state' } });
    count();
    assert.deepEqual(names('spool'), SPOOLED);
    assert.equal(existsSync('state'), false);
  });
});
