import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { runToEnd } from '../../lab/support/run.ts';
import { parseClickHouseAddress } from '../../src/collector/store/clickhouse/address.ts';
import { COLLECTOR_CHART as CHART } from './helm.ts';

const README = readFileSync(join(CHART, 'README.md'), 'utf8');

describe("the chart's pattern of ClickHouse's address", () => {
  const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8'));
  const pattern = new RegExp(schema.properties.clickhouse.properties.url.pattern);

  const good = [
    'clickhouse://u@h:8123/d',
    'clickhouses://a.b-c@clickhouse.example/telemetry_1',
    'clickhouse://u%40x@[::1]:65535/_d',
  ];
  for (const url of good) {
    it(`matches ${url}, as the program does`, () => {
      assert.match(url, pattern);
      parseClickHouseAddress(url);
    });
  }

  const bad = [
    'clickhouse://u@h/d?x=1',
    'clickhouse://u@h/d#x',
    'clickhouse://u@h/1d',
    'clickhouse://u@h/',
    `clickhouse://u@h/${'d'.repeat(64)}`,
    'clickhouse://u@h:65536/d',
    'clickhouse://u@h:x/d',
    'clickhouse://u:secret@h/d',
    'clickhouse://u@h/d/e',
    'clickhouse://u%zz@h/d',
    'clickhouse://u@h h/d',
    'http://u@h/d',
  ];
  for (const url of bad) {
    it(`refuses ${url.slice(0, 40)}, as the program does`, () => {
      assert.doesNotMatch(url, pattern);
      assert.throws(() => parseClickHouseAddress(url), { name: 'StoreError' });
    });
  }
});

/** Runs the script of the README with folders of a test. */
function setup(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'kusk-restore-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [data, backup] = [join(folder, 'data'), join(folder, 'backup')];
  for (const path of [data, backup]) mkdirSync(path);
  for (const end of ['', '-wal', '-shm']) {
    writeFileSync(join(data, `kusk-collector.db${end}`), `old${end}`);
  }
  const [, args = ''] = /\.args = (\[\s*"(?:[^"\\]|\\.)*"\s*\])/.exec(README) ?? [];
  const [script = ''] = JSON.parse(args) as string[];
  const here = script.replaceAll('/backup/', `${backup}/`).replaceAll('/data/', `${data}/`);
  return { data, backup, restore: () => runToEnd(process.execPath, ['--eval', here], { env: {} }) };
}

describe('the restore of the README', () => {
  it('puts the newest copy that is not of the future in the place of the database', async (t) => {
    const { data, backup, restore } = setup(t);
    const names = [
      '20251122T021700Z.db',
      '20251123T021700Z.db',
      '20251124T021700Z.db.partial',
      '29991124T021700Z.db',
    ];
    for (const name of names) writeFileSync(join(backup, `kusk-collector-${name}`), name);
    const { code, problem } = await restore();
    assert.equal(code, 0, problem);
    assert.deepEqual(readdirSync(data), ['kusk-collector.db']);
    assert.equal(readFileSync(join(data, 'kusk-collector.db'), 'utf8'), names[1]);
  });

  it('fails without a copy, and leaves the database', async (t) => {
    const { data, restore } = setup(t);
    const { code, problem } = await restore();
    assert.equal(code, 1, problem);
    assert.equal(readFileSync(join(data, 'kusk-collector.db'), 'utf8'), 'old');
    assert.ok(existsSync(join(data, 'kusk-collector.db-wal')));
  });
});
