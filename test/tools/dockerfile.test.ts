import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { build } from 'esbuild';
import { ROOT } from '../../lab/support/root.ts';

const LINES = readFileSync(join(ROOT, 'Dockerfile'), 'utf8').split('\n');
const TEXT = LINES.join('\n');

/** @see https://github.com/opencontainers/image-spec/blob/main/annotations.md#pre-defined-annotation-keys */
const OCI = [
  ...['created', 'authors', 'url', 'documentation', 'source', 'version', 'revision', 'vendor'],
  ...['licenses', 'ref.name', 'title', 'description', 'base.digest', 'base.name'],
];

/** The comments right above each line that matches. */
function commentsAbove(pattern: RegExp): readonly string[] {
  return LINES.flatMap((line, index) => {
    if (!pattern.test(line)) return [];
    const above = LINES.slice(0, index).reverse();
    return [
      above
        .slice(
          0,
          above.findIndex((one) => !one.startsWith('#')),
        )
        .join('\n'),
    ];
  });
}

describe('the Dockerfile', () => {
  it('has every label of the OCI', () => {
    const labels = [...TEXT.matchAll(/org\.opencontainers\.image\.([\w.]+)="([^"]+)"/g)];
    assert.deepEqual(new Set(labels.map(([, key]) => key)), new Set(OCI));
  });

  it('fills labels from arguments that their stage declares', () => {
    for (const stage of TEXT.split('\nFROM ')) {
      const declared = [...stage.matchAll(/^ARG (\w+)/gm)].map(([, name]) => name);
      for (const [, name] of stage.matchAll(/="\$\{(\w+)\}"/g))
        assert.ok(declared.includes(name), name);
    }
  });

  it('builds with all that a build in a checkout reads, so that the programs are the same bytes', () => {
    const copied = [...TEXT.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, what = '']) =>
      what.split(' '),
    );
    const read = ['package.json', 'tsconfig.json', 'lab/support/', 'tools/', 'src/'];
    for (const path of read) assert.ok(copied.includes(path), path);
    const context = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
    for (const path of read) assert.ok(context.includes(`!${path.replace(/\/$/, '')}`), path);
  });

  it('builds with all that the build imports', async () => {
    const { metafile } = await build({
      entryPoints: [join(ROOT, 'tools/build.ts')],
      absWorkingDir: ROOT,
      bundle: true,
      format: 'esm',
      metafile: true,
      packages: 'external',
      platform: 'node',
      write: false,
    });
    const read = Object.keys(metafile.inputs);
    assert.ok(read.length > 10);
    const copied = /^(lab\/support|tools|src)\/|^package\.json$/;
    assert.deepEqual(
      read.filter((path) => !copied.test(path)),
      [],
    );
  });

  it('ends in a stage for each image, the operator last, which has a title and runs as no root', () => {
    for (const name of ['kusk-collector', 'kusk-gateway']) {
      const [, stage = ''] = TEXT.split(`\nFROM program AS ${name}\n`);
      assert.match(stage, /^LABEL org\.opencontainers\.image\.title=/);
      assert.match(stage, new RegExp(`^ENTRYPOINT \\["node", .*"/app/${name}\\.mjs"\\]$`, 'm'));
    }
    assert.match(LINES.findLast((line) => line.startsWith('FROM ')) ?? '', / AS kusk-gateway$/);
    assert.match(TEXT.split(' AS program\n')[1] ?? '', /^USER 65532:65532$/m);
  });

  it('has the temporary files of SQLite on the volume of the database', () => {
    const [, database] = /^ +COLLECTOR_DATABASE=(\S+)/m.exec(TEXT) ?? [];
    const [, folder] = /^ +SQLITE_TMPDIR=(\S+)/m.exec(TEXT) ?? [];
    assert.equal(folder, dirname(database ?? ''));
  });

  it("builds on the builder's platform, and compiles on the one that runs it", () => {
    const stages = LINES.filter((line) => line.startsWith('FROM '));
    const [build, ...others] = stages.map((line) => line.includes('--platform=$BUILDPLATFORM'));
    assert.equal(build, true);
    assert.equal(others.includes(true), false);
  });

  it('marks what scanners complain of, where it stands, with a reason', () => {
    for (const comment of commentsAbove(/^FROM .*\$\{/))
      assert.match(comment, /hadolint ignore=DL3006/);
    assert.match(
      commentsAbove(/^FROM \$\{RUNTIME_IMAGE\} AS program$/).join(),
      /trivy:ignore:AVD-DS-0026/,
    );
    for (const comment of [
      ...commentsAbove(/^ARG ANALYTICS_WRITE_KEY=/),
      ...commentsAbove(/^ENV ANALYTICS_WRITE_KEY=/),
    ]) {
      assert.match(comment, /trivy:ignore:AVD-DS-0031/);
    }
    assert.match(LINES[0] ?? '', /^# check=skip=SecretsUsedInArgOrEnv$/);
    assert.match(TEXT, /^#checkov:skip=CKV_DOCKER_2:./m);
    assert.match(TEXT, /^# - no HEALTHCHECK: /m);
  });
});
