import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readStanding } from '../../../src/cli/machine/standing.ts';
import { switchOff, switchOn } from '../../../src/cli/machine/switch.ts';
import { ID, NOON, newMachine } from './machine.ts';

describe('switchOff', () => {
  it('writes the switch, drops what is pending and is a switch from on to off, once', (t) => {
    const { options, count, read, names, started } = newMachine(t);
    count();
    assert.equal(switchOff(options), true);
    assert.equal(read('consent'), 'off');
    assert.deepEqual(names('spool'), []);
    assert.equal(switchOff(options), false);
    count();
    assert.deepEqual(names('spool'), []);
    assert.equal(started.length, 1);
  });

  const alreadyOff = [
    { title: 'nobody has seen the notice', isKnown: false },
    { title: 'the environment says off', environment: { ANALYTICS_ENABLED: 'false' } },
    { title: 'there is no write key', environment: { ANALYTICS_WRITE_KEY: '' } },
  ];
  for (const { title, ...machine } of alreadyOff) {
    it(`is no switch from on to off if ${title}`, (t) => {
      const { options, read } = newMachine(t, machine);
      assert.equal(switchOff(options), false);
      assert.equal(read('consent'), 'off');
    });
  }

  it('replaces a switch that says on or is damaged', (t) => {
    const { options, read, write } = newMachine(t);
    write('consent', 'on');
    assert.equal(switchOff(options), true);
    write('consent', 'x'.repeat(10_000));
    assert.equal(switchOff(options), false);
    assert.equal(read('consent'), 'off');
  });

  it('replaces a symbolic link, and does not write through it', (t) => {
    const { options, read, folder, home } = newMachine(t);
    writeFileSync(join(home, 'theirs'), 'on');
    symlinkSync(join(home, 'theirs'), join(folder, 'consent'));
    assert.equal(switchOff(options), false);
    assert.equal(read('consent'), 'off');
    assert.equal(readFileSync(join(home, 'theirs'), 'utf8'), 'on');
  });

  it('says why it can not be written', (t) => {
    const { options, home, folder } = newMachine(t, { isKnown: false });
    mkdirSync(join(folder, '..'), { recursive: true });
    symlinkSync(home, folder);
    assert.throws(() => switchOff(options), /kusk is not a folder: move it away$/);
  });
});

describe('since when telemetry is on or off', () => {
  /** Sets when a file was last written, because the clock of the file system can't be set. */
  const AN_HOUR_AGO = new Date(NOON - 3_600_000);

  it('stays as it is if it is switched off again', (t) => {
    const { options, folder } = newMachine(t);
    switchOff(options);
    utimesSync(join(folder, 'consent'), AN_HOUR_AGO, AN_HOUR_AGO);
    switchOff(options);
    assert.equal(readStanding(options).since, AN_HOUR_AGO.toISOString());
  });

  it('stays as it is if it is switched on again, and only a missing id is created', (t) => {
    const { options, folder, names } = newMachine(t);
    const { since } = readStanding(options);
    rmSync(join(folder, 'id'));
    switchOn({ ...options, isSeen: true });
    assert.equal(readStanding(options).since, since);
    assert.deepEqual(names(), ['id', 'notice']);
  });

  it('is when the own switch was removed, although another one said off then', (t) => {
    const { options, clock } = newMachine(t);
    switchOff(options);
    clock.ms += 1_000;
    const ANALYTICS_ENABLED = 'false';
    const environment = { ...options.environment, ANALYTICS_ENABLED };
    assert.equal(switchOn({ ...options, environment, isSeen: true }).on, false);
    clock.ms += 1_000;
    assert.equal(switchOn({ ...options, environment, isSeen: true }).on, false);
    const { on, since } = readStanding(options);
    assert.deepEqual([on, since], [true, '2026-11-23T12:00:01.000Z']);
  });
});

describe('switchOn', () => {
  it('removes the switch, so that commands are counted from then on', (t) => {
    const { options, count, names, clock, read } = newMachine(t);
    switchOff(options);
    clock.ms += 1_000;
    const { on, decidedBy } = switchOn({ ...options, isSeen: false });
    assert.deepEqual([on, decidedBy], [true, 'default: no switch says off']);
    assert.deepEqual(names(), ['id', 'notice']);
    assert.equal(read('notice'), '2026-11-23T12:00:01.000Z');
    count();
    assert.equal(names('spool')?.length, 2);
  });

  it('drops what a command has enqueued beside the switch to off', (t) => {
    const { options, names, write, file } = newMachine(t);
    switchOff(options);
    write(`spool/${file('install')}`, '{}');
    switchOn({ ...options, isSeen: true });
    assert.deepEqual(names('spool'), []);
  });

  it('is as good as the notice at a terminal', (t) => {
    const { options, names } = newMachine(t, { isKnown: false });
    assert.equal(switchOn({ ...options, isSeen: true }).on, true);
    assert.deepEqual(names(), ['id', 'notice']);
  });

  it('is not as good as the notice where nobody reads it', (t) => {
    const { options, folder } = newMachine(t, { isKnown: false });
    const { on, needsNotice } = switchOn({ ...options, isSeen: false });
    assert.deepEqual([on, needsNotice], [false, true]);
    assert.equal(existsSync(join(folder, 'id')), false);
  });

  it('leaves a damaged id as it is, and says so', (t) => {
    const { options, write, read } = newMachine(t);
    write('id', ID.slice(2));
    const { on, decidedBy } = switchOn({ ...options, isSeen: true });
    assert.equal(on, false);
    assert.match(decidedBy, /^the file id in .* is damaged, and is not replaced/);
    assert.equal(read('id'), ID.slice(2));
  });

  const stillOff = [
    { title: 'DO_NOT_TRACK', environment: { DO_NOT_TRACK: '1' } },
    { title: 'ANALYTICS_ENABLED', environment: { ANALYTICS_ENABLED: 'false' } },
    { title: 'CI', environment: { CI: 'true' } },
    { title: 'a missing write key', environment: { ANALYTICS_WRITE_KEY: '' } },
    { title: 'an invalid endpoint', environment: { ANALYTICS_ENDPOINT: 'nowhere' } },
  ];
  for (const { title, environment } of stillOff) {
    it(`does not override ${title}, and records no notice, because none is shown`, (t) => {
      const { options, names, write } = newMachine(t, { isKnown: false, environment });
      assert.equal(switchOn({ ...options, isSeen: true }).on, false);
      assert.equal(names(), undefined);
      write('consent', 'off');
      assert.equal(switchOn({ ...options, isSeen: true }).on, false);
      assert.deepEqual(names(), []);
    });
  }

  it('does not replace a damaged notice where none is shown', (t) => {
    const { options, write, read } = newMachine(t);
    write('notice', 'damaged');
    assert.equal(switchOn({ ...options, isSeen: false }).needsNotice, true);
    assert.equal(read('notice'), 'damaged');
  });
});
