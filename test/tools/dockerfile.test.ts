import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
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

  it('fills labels from arguments that it declares', () => {
    const last = TEXT.slice(TEXT.lastIndexOf('\nFROM '));
    const declared = [...last.matchAll(/^ARG (\w+)/gm)].map(([, name]) => name);
    for (const [, name] of last.matchAll(/="\$\{(\w+)\}"/g))
      assert.ok(declared.includes(name), name);
  });

  it("builds on the builder's platform, and compiles on the one that runs it", () => {
    const stages = LINES.filter((line) => line.startsWith('FROM '));
    const [build, ...others] = stages.map((line) => line.includes('--platform=$BUILDPLATFORM'));
    assert.deepEqual([build, ...others], [true, false, false]);
  });

  it('marks what scanners complain of, where it stands, with a reason', () => {
    for (const comment of commentsAbove(/^FROM /)) assert.match(comment, /hadolint ignore=DL3006/);
    assert.match(commentsAbove(/^FROM \$\{RUNTIME_IMAGE\}$/).join(), /trivy:ignore:AVD-DS-0026/);
    for (const comment of [
      ...commentsAbove(/^ARG ANALYTICS_WRITE_KEY=/),
      ...commentsAbove(/^ENV .*(?=\\$)/).slice(-1),
    ]) {
      assert.match(comment, /trivy:ignore:AVD-DS-0031/);
    }
    assert.match(LINES[0] ?? '', /^# check=skip=SecretsUsedInArgOrEnv$/);
    assert.match(TEXT, /^#checkov:skip=CKV_DOCKER_2:./m);
    assert.match(TEXT, /^# - no HEALTHCHECK: /m);
  });
});
