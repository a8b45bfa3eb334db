import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ROOT } from '../../lab/support/root.ts';
import { bundle } from '../../tools/build/bundle.ts';

/** Packages that are known to be hard to bundle: CommonJS, lazy requires, built-in modules. */
const PROGRAM = `
import { DatabaseSync } from 'node:sqlite';
import { load } from '${ROOT}/node_modules/js-yaml';
import { pino } from '${ROOT}/node_modules/pino';
import { Registry, collectDefaultMetrics } from '${ROOT}/node_modules/prom-client';
import { Analytics } from '${ROOT}/node_modules/@segment/analytics-node';

const register = new Registry();
collectDefaultMetrics({ register });
new Analytics({ writeKey: 'k', disable: true });
new DatabaseSync(':memory:').close();
const text: string = await register.metrics();
pino({ base: null, timestamp: false }).info({ yaml: load('a: 1'), metrics: text.length > 0 }, 'hello');
`;

const UNDICI = `${ROOT}/node_modules/undici/index.js`;
const LEAN_PROGRAM = `
import { KubeConfig } from '${ROOT}/node_modules/@kubernetes/client-node/dist/index.js';
import { ProxyAgent } from '${UNDICI}';
console.log(KubeConfig, ProxyAgent);
`;

describe('bundle', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kusk-bundle-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('leaves out what no program calls', async () => {
    const program = join(folder, 'lean.ts');
    writeFileSync(program, LEAN_PROGRAM);
    const [file = ''] = await bundle([program], { into: join(folder, 'dist') });
    const text = readFileSync(file, 'utf8');
    for (const name of ['applyToHTTPSOptions', 'ProxyAgent']) assert.ok(text.includes(name), name);
    for (const name of ['CoreV1Api', 'WebSocketStream', 'MockAgent', 'node:http2']) {
      assert.ok(!text.includes(name), name);
    }
  });

  it('fails where a program imports what is left out', async () => {
    const program = join(folder, 'more.ts');
    writeFileSync(program, `import { RetryAgent } from '${UNDICI}';\nnew RetryAgent();\n`);
    await assert.rejects(bundle([program], { into: folder }), /No matching export .* "RetryAgent"/);
  });

  it('says which Node the collector needs on one that has no SQLite', async () => {
    const program = join(ROOT, 'src/bin/kusk-collector.ts');
    const [file = ''] = await bundle([program], { into: folder });
    const older = 'Object.defineProperty(process.versions, "node", { value: "20.19.0" })';
    const args = ['--no-experimental-sqlite', `--import=data:text/javascript,${older}`, file];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.match(
      stderr,
      /^kusk-collector: needs Node 22\.19 or later, and this is Node 20\.19\.0\.\nInstall /,
    );
    assert.equal(status, 2);
  });

  it('makes one file that runs by itself, elsewhere, with all that it imports', async () => {
    const program = join(folder, 'program.ts');
    writeFileSync(program, PROGRAM);
    const [file = ''] = await bundle([program], { into: join(folder, 'dist') });
    assert.equal(file, join(folder, 'dist/program.mjs'));
    assert.match(readFileSync(file, 'utf8'), /^#!\/usr\/bin\/env node\n/);

    const env = { PATH: join(process.execPath, '..') };
    const { stdout, stderr } = spawnSync(file, [], { cwd: '/', env, encoding: 'utf8' });
    assert.equal(stdout, '{"level":30,"yaml":{"a":1},"metrics":true,"msg":"hello"}\n', stderr);
  });
});
