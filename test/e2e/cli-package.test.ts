import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startControlPlane } from '../../lab/control-plane/start.ts';
import { eventually } from '../../lab/support/eventually.ts';
import { filesIn } from '../../lab/support/files-in.ts';
import { ROOT } from '../../lab/support/root.ts';
import { runToEnd } from '../../lab/support/run.ts';
import { type InstalledKusk, installKusk } from './installed-kusk.ts';

describe('the npm package of kusk', () => {
  const cleanup = new AsyncDisposableStack();
  let kusk: InstalledKusk;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kusk-package-'));
    cleanup.defer(() => rm(folder, { recursive: true }));
    kusk = await installKusk(folder);
  });
  after(() => cleanup.disposeAsync());

  /** Runs a line of shell with `kusk` on the PATH, in an empty home folder. */
  async function shell(line: string, env: Readonly<Record<string, string>> = {}) {
    const PATH = [kusk.bin, dirname(process.execPath), '/usr/bin', '/bin'].join(':');
    const { code, out, problem } = await runToEnd('bash', ['-c', line], {
      cwd: folder,
      env: { PATH, HOME: join(folder, 'home'), ...env },
    });
    return { code, out, err: problem };
  }
  const packed = () => dirname(kusk.program);
  const manifestOf = async (path: string) => JSON.parse(await readFile(path, 'utf8'));

  it('installs kusk on the PATH, with its version', async () => {
    const { version } = await manifestOf(join(ROOT, 'package.json'));
    assert.deepEqual(await shell('kusk version'), { code: 0, out: `kusk ${version}\n`, err: '' });
    assert.deepEqual(await shell('kusk --version'), { code: 0, out: `kusk ${version}\n`, err: '' });
  });

  it('has no dependencies, runs nothing at install and needs the Node that it says', async () => {
    const manifest = await manifestOf(join(packed(), 'package.json'));
    // Only a release knows where its source is.
    const { repository: _, ...others } = manifest;
    assert.deepEqual(Object.keys(others), [
      ...['name', 'version', 'description', 'license', 'type', 'engines', 'bin', 'files'],
    ]);
    assert.deepEqual(manifest.engines, { node: '>=22.19' });
    const installed = await readdir(join(packed(), '..'));
    assert.deepEqual(
      installed.filter((name) => !name.startsWith('.')),
      ['kusk'],
    );
  });

  it('holds the tool and the licenses of what is in it, and nothing else of the repository', async () => {
    const names = await readdir(packed());
    assert.deepEqual(
      names.toSorted((a, b) => a.localeCompare(b)),
      [...['kusk', 'kusk.mjs', 'LICENSE', 'package.json', 'README.md', 'THIRD-PARTY-LICENSES.txt']],
    );
    const licenses = await readFile(join(packed(), 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    for (const name of ['commander', 'js-yaml', '@kubernetes/client-node', 'undici']) {
      assert.match(licenses, new RegExp(`^${name} \\d`, 'm'));
    }
    for (const file of await filesIn(packed(), '**/*.mjs')) {
      const text = await readFile(file, 'utf8');
      assert.ok(!text.includes(ROOT), file);
    }
  });

  const codes = [
    { line: 'kusk', code: 0 },
    { line: 'kusk cluster install --help', code: 0 },
    { line: 'kusk help | head -1', code: 0 },
    { line: 'kusk clutser', code: 2 },
    { line: 'kusk version --colour', code: 2 },
    { line: 'kusk version -o xml', code: 2 },
    { line: 'kusk cluster check --kubeconfig ./nowhere', code: 3 },
  ];
  for (const { line, code } of codes) {
    it(`exits with ${code}: ${line}`, async () => {
      const ran = await shell(line);
      assert.equal(ran.code, code, ran.err);
      assert.equal(ran.out === '', code !== 0);
      assert.equal(ran.err === '', code === 0);
    });
  }

  it('says which Node it needs on an older one', async () => {
    const older = 'Object.defineProperty(process.versions, "node", { value: "20.19.0" })';
    const { code, out, err } = await shell(
      `node --import 'data:text/javascript,${older}' "$PROGRAM" version`,
      { PROGRAM: kusk.program },
    );
    assert.deepEqual({ code, out }, { code: 2, out: '' });
    assert.match(err, /^kusk: needs Node 22\.19 or later, and this is Node 20\.19\.0\.\nInstall /);
  });

  it('completes in bash', async () => {
    const { out, err } = await shell(
      'source <(kusk completion bash); COMP_WORDS=(kusk clus); COMP_CWORD=1; _kusk; echo $COMPREPLY',
    );
    assert.deepEqual({ out, err }, { out: 'cluster\n', err: '' });
  });

  it('loads the Kubernetes client, the parser and YAML only for what needs them', async () => {
    const chunks = async (line: string) => {
      const NODE_V8_COVERAGE = await mkdtemp(join(folder, 'loaded-'));
      await shell(line, { NODE_V8_COVERAGE });
      const [file = ''] = await filesIn(NODE_V8_COVERAGE, '*.json');
      const urls = (await manifestOf(file)).result.map(({ url }: { url: string }) => url);
      return urls.flatMap(
        (url: string) => /\/kusk\/kusk\/([\w.-]+)-\w{8}\.mjs$/.exec(url)?.[1] ?? [],
      );
    };
    assert.deepEqual(await chunks('kusk version'), ['chunk']);
    assert.ok(!(await chunks('kusk analytics status')).includes('commander'));
    assert.ok(!(await chunks('kusk version -o json')).includes('commander'));
    assert.ok((await chunks('kusk version -ojson')).includes('commander'));
    // The base, the machine, what looks at clusters, and the objects: Node takes long for each file.
    const exported = await chunks('kusk cluster install --export');
    assert.deepEqual(exported.toSorted(), ['chunk', 'chunk', 'chunk', 'export-objects']);
  });

  it('finds the operator of a real cluster that it has installed', async () => {
    await using stack = new AsyncDisposableStack();
    const cluster = await startControlPlane({ rights: null });
    stack.defer(cluster.close);
    const env = { KUBECONFIG: cluster.adminKubeconfig };
    const { version } = await manifestOf(join(ROOT, 'package.json'));
    // `kusk version` waits only 2 s for the API server.
    await eventually(async () => {
      const none = await shell('kusk version', env);
      assert.equal(none.out, `kusk ${version}\noperator none\n`, none.err);
    });
    const installed = await shell('kusk cluster install --no-wait --analytics off', env);
    assert.equal(installed.code, 0, installed.err);
    await eventually(async () => {
      const found = await shell('kusk version -o json', env);
      assert.deepEqual(JSON.parse(found.out), {
        kusk: version,
        operator: version,
        operatorTag: null,
        cluster: 'installed',
      });
    });
  });
});
