import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { cacheFolder } from '../../lab/control-plane/cache.ts';
import { ensure } from '../../lab/control-plane/ensure.ts';
import { MODULES } from '../../lab/control-plane/pinned.ts';

/** A `go` that notes its calls in CALLS, and "builds" into the folder after `-o`. */
const GO = `#!/bin/sh
echo "$PWD $*" >> "$CALLS"
[ "$1" = build ] || exit 0
[ -z "$FAILS" ] || { echo "$FAILS" >&2; exit 1; }
while [ "$1" != -o ]; do shift; done
echo k8s.io/some/package >&2
for name in kube-apiserver kube-controller-manager kubectl server helm; do
  echo built > "$2$name"
done
`;

describe('a program that has to be built', () => {
  let folder: string;
  let env: Record<string, string>;
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const calls = () => readFileSync(join(folder, 'calls'), 'utf8').trimEnd().split('\n');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kusk-build-'));
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin', 'go'), GO, { mode: 0o755 });
    env = {
      PATH: `${join(folder, 'bin')}:/bin`,
      XDG_CACHE_HOME: folder,
      CALLS: join(folder, 'calls'),
    };
    lines.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is built into the cache and found there afterwards', async () => {
    const { etcd } = await ensure(['etcd'], { env, log });
    assert.equal(readFileSync(etcd, 'utf8'), 'built\n');
    assert.equal(dirname(etcd), cacheFolder(MODULES.etcd, { env }));
    const before = calls().length;
    assert.deepEqual(await ensure(['etcd'], { env, log }), { etcd });
    assert.equal(calls().length, before);
  });

  it('is built without changing go.mod or go.sum, and prints its version', async () => {
    await ensure(['kubectl'], { env, log });
    const build = calls().find((call) => call.includes(' build '));
    assert.match(build ?? '', /go\/kubernetes build .*-mod=readonly -trimpath/);
    assert.match(build ?? '', /-X k8s\.io\/component-base\/version\.gitVersion=v1\.36\.\d+ /);
    assert.match(build ?? '', / k8s\.io\/kubernetes\/cmd\/kubectl$/);
  });

  it('is built once for two who want it at the same time', async () => {
    const both = [ensure(['helm'], { env, log }), ensure(['helm'], { env, log })];
    const [first, second] = await Promise.all(both);
    assert.deepEqual(first, second);
    assert.equal(calls().filter((call) => call.includes(' build ')).length, 1);
  });

  it('says what is built, and leaves nothing but the program', async () => {
    const { helm } = await ensure(['helm'], { env, log });
    assert.match(lines[0] ?? '', /^building helm v4\.\d+\.\d+, once, into .* \(about a minute\)$/);
    assert.deepEqual(readdirSync(dirname(helm)), ['helm']);
  });

  it('leaves nothing when the build fails, and says what Go said', async () => {
    const failing = ensure(['helm'], { env: { ...env, FAILS: 'no space left' }, log });
    await assert.rejects(failing, /go build failed \(1\):\nno space left/);
    assert.deepEqual(readdirSync(cacheFolder(MODULES.helm, { env })), []);
  });
});
