import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import {
  changedAt,
  codeOf,
  createFile,
  namesIn,
  publish,
  readSmallFile,
  replaceFile,
} from '../../../src/cli/machine/files.ts';

function setup(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'kusk-files-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return { folder, at: (name: string) => join(folder, name) };
}

const DRAFT = { text: 'text', aside: 'draft' };

describe('readSmallFile', () => {
  it('reads a file, and returns nothing if there is none', (t) => {
    const { at } = setup(t);
    writeFileSync(at('file'), 'äöü');
    assert.equal(readSmallFile(at('file'), 6), 'äöü');
    assert.equal(readSmallFile(at('none'), 6), undefined);
  });

  const refused: readonly {
    readonly title: string;
    make(path: string): void;
    readonly code: string;
  }[] = [
    { title: 'a longer file', make: (path) => writeFileSync(path, 'x'.repeat(11)), code: 'EFBIG' },
    { title: 'a symbolic link', make: (path) => symlinkSync('/etc/hosts', path), code: 'ELOOP' },
    { title: 'a folder', make: (path) => mkdirSync(path), code: 'EINVAL' },
    { title: 'a pipe', make: (path) => execFileSync('mkfifo', [path]), code: 'EINVAL' },
  ];
  for (const { title, make, code } of refused) {
    it(`refuses ${title}, and does not wait for it`, (t) => {
      const { at } = setup(t);
      make(at('file'));
      assert.throws(() => readSmallFile(at('file'), 10), { code });
    });
  }
});

describe('a file that is published', () => {
  it('is complete, private and published once', (t) => {
    const { folder, at } = setup(t);
    assert.equal(publish(at('id'), DRAFT), true);
    assert.equal(publish(at('id'), { ...DRAFT, text: 'other' }), false);
    assert.equal(readFileSync(at('id'), 'utf8'), 'text');
    assert.equal(lstatSync(at('id')).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder), ['id']);
  });

  it('leaves nothing behind if it can not be published', (t) => {
    const { folder, at } = setup(t);
    assert.throws(() => publish(at('x'.repeat(300)), DRAFT), { code: 'ENAMETOOLONG' });
    assert.deepEqual(readdirSync(folder), []);
  });

  it('is not published if another process writes the same draft', (t) => {
    const { at } = setup(t);
    writeFileSync(at('.draft'), 'half');
    assert.equal(publish(at('id'), DRAFT), false);
  });
});

describe('a file that is replaced', () => {
  it('replaces a link, not its target', (t) => {
    const { folder, at } = setup(t);
    writeFileSync(at('target'), 'theirs');
    symlinkSync(at('target'), at('notice'));
    replaceFile(at('notice'), DRAFT);
    assert.equal(readFileSync(at('notice'), 'utf8'), 'text');
    assert.equal(readFileSync(at('target'), 'utf8'), 'theirs');
    assert.deepEqual(readdirSync(folder).length, 2);
  });

  it('leaves nothing behind if a folder has its name', (t) => {
    const { folder, at } = setup(t);
    mkdirSync(at('notice'));
    assert.throws(() => replaceFile(at('notice'), DRAFT), { code: 'EISDIR' });
    assert.deepEqual(readdirSync(folder), ['notice']);
  });
});

describe('createFile', () => {
  it('creates a file once, and fails without a folder', (t) => {
    const { at } = setup(t);
    assert.deepEqual([createFile(at('a'), 'x'), createFile(at('a'), 'y')], [true, false]);
    assert.throws(() => createFile(at('none/a'), 'x'), { code: 'ENOENT' });
  });
});

it('other facts about files have a value for what is not there', (t) => {
  const { at } = setup(t);
  assert.deepEqual(namesIn(at('none'), /./), []);
  assert.equal(changedAt(at('none')), 0);
  assert.equal(codeOf(null), 'unknown');
});
