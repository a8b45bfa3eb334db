import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { load } from 'js-yaml';
import { command } from '../../lab/support/command.ts';
import { run } from '../../lab/support/run.ts';
import manifest from '../../package.json' with { type: 'json' };
import { parseRegistry, withRegistry } from '../../tools/image/registry.ts';
import { buildRelease } from '../../tools/release/build.ts';
import {
  CHART_NAMES,
  CHARTS,
  chartYamlIn,
  imageDigestOf,
  packChart,
  withImage,
} from '../../tools/release/charts.ts';
import { writeChecksums } from '../../tools/release/checksums.ts';
import { notesOf } from '../../tools/release/notes.ts';
import { digestInArchive, writeOciArchive } from '../../tools/release/oci.ts';
import { verifyRelease } from '../../tools/release/verify.ts';

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

const IMAGES = new Map(
  (['kusk-gateway-telemetry', 'kusk-collector'] as const).map((name, index) => {
    const digest = `sha256:${String(index).repeat(64)}`;
    const reference = `docker.io/kubeshop/${name}:9.9.9`;
    return [name, { reference, digest, platforms: ['linux/amd64'] }];
  }),
);

describe('what a release holds', () => {
  it('has the same bytes each time, and can be read by the tools that it is for', async (t) => {
    const [first, second] = [folderOf(t), folderOf(t)];
    const options = {
      version: '9.9.9',
      images: IMAGES,
      source: 'https://example.com/a',
      registry: 'registry.example/us',
      writeKey: 'a-write-key',
    };
    const lines = await buildRelease({ ...options, into: first });
    const again = await buildRelease({ ...options, into: second });
    assert.deepEqual(again, lines);
    const names = lines.map((line) => line.split('  ')[1]);
    assert.deepEqual(
      names.filter((name) => !name?.endsWith('.map')),
      [
        'NOTES.md',
        `kusk-${manifest.version}.tgz`,
        'kusk-9.9.9.cdx.json',
        'kusk-collector-9.9.9.tgz',
        'kusk-collector.mjs',
        'kusk-gateway-9.9.9.tgz',
        'kusk-gateway.mjs',
      ],
    );
    const chart = join(first, 'kusk-collector-9.9.9.tgz');
    const listed = await run('tar', ['--list', '--file', chart]);
    assert.match(listed.output, /^kusk-collector\/templates\/statefulset\.yaml$/m);
    const readme = ['--extract', '--to-stdout', '--file', chart, 'kusk-collector/README.md'];
    assert.match(
      await command('tar', readme),
      /\(https:\/\/example\.com\/a\/blob\/v9\.9\.9\/docs\//,
    );
    const values = ['--extract', '--to-stdout', '--file', chart, 'kusk-collector/values.yaml'];
    assert.match(
      await command('tar', values),
      /^ {2}repository: registry\.example\/us\/kusk-collector$/m,
    );
    const kusk = [
      '--extract',
      '--to-stdout',
      '--file',
      join(first, `kusk-${manifest.version}.tgz`),
    ];
    const programs = await command('tar', [...kusk, '--wildcards', 'package/kusk/*']);
    assert.match(programs, /"registry\.example\/us\/kusk-gateway-telemetry:/);
    assert.doesNotMatch(programs, /docker\.io\/kubeshop\/kusk-gateway-telemetry/);
    assert.ok(programs.includes('a-write-key'));
    const digest = imageDigestOf(await chartYamlIn(chart, 'kusk-collector'));
    assert.equal(digest, IMAGES.get('kusk-collector')?.digest);
    const bom = JSON.parse(readFileSync(join(first, 'kusk-9.9.9.cdx.json'), 'utf8'));
    assert.equal(bom.bomFormat, 'CycloneDX');
    assert.equal(bom.metadata.component.name, 'kusk');
    const found = bom.components.map(({ name }: { readonly name: string }) => name);
    assert.ok(found.includes('undici'));
    assert.ok(!found.includes('@clickhouse/client'), 'only the collector holds it');
  });
});

describe('the registry of a release', () => {
  it('replaces that of our images, and of no other', () => {
    const moved = withRegistry(
      'docker.io/kubeshop/kusk-collector:1 kubeshop/kusk-gateway-telemetry kubeshop/kusk-gateway:1 mirror.example/kubeshop/kusk-collector',
      'ghcr.io/us',
    );
    assert.equal(
      moved,
      'ghcr.io/us/kusk-collector:1 ghcr.io/us/kusk-gateway-telemetry kubeshop/kusk-gateway:1 mirror.example/kubeshop/kusk-collector',
    );
  });

  for (const text of ['', 'ghcr.io/Owner', 'https://ghcr.io/us', 'ghcr.io/us/']) {
    it(`is refused if no image can be there: "${text}"`, () => {
      assert.throws(() => parseRegistry(text), /as ghcr\.io\/owner/);
    });
  }
});

interface Manifest {
  readonly annotations: { readonly a: string; readonly 'artifacthub.io/images': string };
}

describe('a chart of a release', () => {
  const image = { reference: 'docker.io/kubeshop/one:1.0.0', digest: `sha256:${'a'.repeat(64)}` };
  const yaml = 'apiVersion: v2\nname: chart\nannotations:\n  a: b\n';

  it('names its image by digest, and keeps whatever else it says', () => {
    const made = withImage(yaml, { ...image, name: 'one', platforms: ['linux/amd64'] });
    const { annotations, ...rest } = load(made) as Manifest;
    assert.deepEqual(rest, { apiVersion: 'v2', name: 'chart' });
    assert.equal(annotations.a, 'b');
    assert.deepEqual(load(annotations['artifacthub.io/images']), [
      { name: 'one', image: `${image.reference}@${image.digest}`, platforms: ['linux/amd64'] },
    ]);
    assert.equal(imageDigestOf(made), image.digest);
  });

  it('has no digest before', () => {
    assert.equal(imageDigestOf(yaml), undefined);
    const tagged = 'annotations:\n  artifacthub.io/images: |\n    - image: one:1.0.0\n';
    assert.equal(imageDigestOf(tagged), undefined);
  });
});

describe('the archive of an image', () => {
  it('has one image for all platforms, under one digest, the same bytes each time', async (t) => {
    const folder = folderOf(t);
    const layouts = ['amd64', 'arm64'].map((arch) => ({ arch, folder: layoutOf(folder, arch) }));
    const options = { layouts, reference: 'docker.io/a/one:1.0.0', time: '1000000000' };
    const [first, second] = [join(folder, 'first.tar'), join(folder, 'second.tar')];
    const digest = await writeOciArchive({ ...options, into: first });
    assert.equal(await writeOciArchive({ ...options, into: second }), digest);
    assert.ok(readFileSync(first).equals(readFileSync(second)));
    assert.equal(await digestInArchive(first), digest);
    const blob = ['--extract', '--to-stdout', '--file', first, `blobs/${digest.replace(':', '/')}`];
    const { manifests } = JSON.parse(await command('tar', blob));
    const platforms = manifests.map((one: { readonly platform: object }) => one.platform);
    assert.deepEqual(platforms, [
      { architecture: 'amd64', os: 'linux' },
      { architecture: 'arm64', os: 'linux' },
    ]);
  });
});

describe('the verification of a release', () => {
  async function setup(t: TestContext, { writeKeys = [''] } = {}) {
    const folder = folderOf(t);
    const images = new Map(IMAGES);
    for (const name of ['kusk-gateway-telemetry', 'kusk-collector'] as const) {
      const reference = `docker.io/kubeshop/${name}:9.9.9`;
      const layouts = writeKeys.map((writeKey, index) => ({
        arch: ['amd64', 'arm64'][index] ?? '',
        folder: layoutOf(folderOf(t), name, writeKey),
      }));
      const into = join(folder, `${name}-9.9.9.oci.tar`);
      const digest = await writeOciArchive({ layouts, reference, time: '1000000000', into });
      images.set(name, { reference, digest, platforms: ['linux/amd64'] });
    }
    const options = { version: '9.9.9', folder };
    async function pack(image: typeof images) {
      for (const name of CHART_NAMES) {
        const into = join(folder, `${name}-9.9.9.tgz`);
        const metadata = { version: '1.0.0', changelog: '', source: '' };
        const named = image.get(CHARTS[name]);
        await packChart({ name, image: named, metadata, time: '1000000000', into });
      }
      await writeChecksums(folder);
    }
    await pack(images);
    return { folder, options, pack };
  }

  it('passes if each chart names the image that is beside it', async (t) => {
    const { options } = await setup(t);
    await verifyRelease(options);
  });

  it('passes if the image of the operator has the write key of the release for each platform', async (t) => {
    const { options } = await setup(t, { writeKeys: ['a-key', 'a-key'] });
    await verifyRelease({ ...options, operatorWriteKey: 'a-key' });
    const without = await setup(t);
    await verifyRelease({ ...without.options, operatorWriteKey: '' });
  });

  for (const writeKeys of [[''], ['a-key', ''], ['a-key-2', 'a-key-2']]) {
    it(`refuses an image of the operator with another write key: ${writeKeys.join()}`, async (t) => {
      const { options } = await setup(t, { writeKeys });
      await assert.rejects(verifyRelease({ ...options, operatorWriteKey: 'a-key' }), {
        message:
          'kusk-gateway-telemetry-9.9.9.oci.tar does not have ANALYTICS_WRITE_KEY=a-key for each platform.',
      });
    });
  }

  it('refuses a chart that names another digest', async (t) => {
    const { options, pack } = await setup(t);
    await pack(IMAGES);
    const other =
      /^kusk-gateway-9\.9\.9\.tgz names the image sha256:0{64}, and kusk-gateway-telemetry-9\.9\.9\.oci\.tar is sha256:/m;
    await assert.rejects(verifyRelease(options), { message: other });
  });

  it('refuses a chart whose image is missing, and an image that the chart does not name', async (t) => {
    const { options, folder, pack } = await setup(t);
    rmSync(join(folder, 'kusk-collector-9.9.9.oci.tar'));
    await writeChecksums(folder);
    await assert.rejects(verifyRelease(options), {
      message: /kusk-collector-9\.9\.9\.oci\.tar is missing\.$/,
    });
    await pack(new Map());
    await assert.rejects(verifyRelease(options), {
      message: /^kusk-gateway-9\.9\.9\.tgz names the image none,/m,
    });
  });

  it('refuses files that are changed, missing or one too many', async (t) => {
    const { options, folder } = await setup(t);
    writeFileSync(join(folder, 'more'), '');
    await assert.rejects(verifyRelease(options), {
      message: /^more is not what SHA256SUMS says\.$/m,
    });
    rmSync(join(folder, 'more'));
    await verifyRelease(options);
    appendFileSync(join(folder, 'kusk-collector-9.9.9.oci.tar'), '\0');
    await assert.rejects(verifyRelease(options), {
      message: /^kusk-collector-9\.9\.9\.oci\.tar is not what/m,
    });
  });
});

/** An image for one platform as buildah writes it, with a manifest that is of no use. */
function layoutOf(parent: string, name: string, writeKey = ''): string {
  const folder = join(parent, name);
  mkdirSync(join(folder, 'blobs/sha256'), { recursive: true });
  function blob(content: object) {
    const text = JSON.stringify(content);
    const hex = createHash('sha256').update(text).digest('hex');
    writeFileSync(join(folder, 'blobs/sha256', hex), text);
    return { digest: `sha256:${hex}`, size: text.length };
  }
  const config = blob({ config: { Env: ['PATH=/usr/bin', `ANALYTICS_WRITE_KEY=${writeKey}`] } });
  const manifest = blob({ schemaVersion: 2, config, layers: [], annotations: { name } });
  const manifests = [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', ...manifest }];
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  return folder;
}

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kusk-release-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
