import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { run } from '../../lab/support/run.ts';
import { buildRelease } from '../../tools/release/build.ts';
import { notesOf } from '../../tools/release/notes.ts';

const CHANGELOG = `# Changelog

## [Unreleased]

- Later.

## [0.2.0] - 2026-12-01

### Added

- This.

## [0.1.0] - 2026-11-01

- That.

[0.2.0]: https://example.com/0.2.0
`;

describe('the notes of a release', () => {
  it('are what the changelog has below its version', () => {
    assert.equal(notesOf(CHANGELOG, '0.2.0'), '### Added\n\n- This.\n');
    assert.equal(notesOf(CHANGELOG, '0.1.0'), '- That.\n');
  });

  it('are missing without a heading that has the version and a date', () => {
    for (const version of ['0.3.0', '0.2', '0x2.0', 'Unreleased']) {
      assert.equal(notesOf(CHANGELOG, version), undefined);
    }
  });
});

describe('what a release holds', () => {
  it('has the same bytes each time, and can be read by the tools that it is for', async (t) => {
    const folders = [1, 2].map(() => mkdtempSync(join(tmpdir(), 'kusk-release-')));
    t.after(() => {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    });
    const [first = '', second = ''] = folders;
    const lines = await buildRelease({ version: '9.9.9', into: first });
    assert.deepEqual(await buildRelease({ version: '9.9.9', into: second }), lines);
    const names = lines.map((line) => line.split('  ')[1]);
    assert.deepEqual(
      names.filter((name) => !name?.endsWith('.map')),
      [
        'NOTES.md',
        'kusk-0.1.0.tgz',
        'kusk-collector-9.9.9.tgz',
        'kusk-collector.mjs',
        'kusk-gateway-9.9.9.tgz',
        'kusk-gateway-telemetry-9.9.9.cdx.json',
        'kusk-gateway.mjs',
      ],
    );
    const listed = await run('tar', ['--list', '--file', join(first, 'kusk-collector-9.9.9.tgz')]);
    assert.match(listed.output, /^kusk-collector\/templates\/statefulset\.yaml$/m);
    const bom = JSON.parse(
      readFileSync(join(first, 'kusk-gateway-telemetry-9.9.9.cdx.json'), 'utf8'),
    );
    assert.equal(bom.bomFormat, 'CycloneDX');
    assert.equal(bom.metadata.component.name, 'kusk-gateway-telemetry');
    assert.ok(bom.components.some(({ name }: { readonly name: string }) => name === 'hono'));
  });
});
