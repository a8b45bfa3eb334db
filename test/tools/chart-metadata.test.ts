import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { load } from 'js-yaml';
import { ROOT } from '../../lab/support/root.ts';
import { chartYaml } from '../../tools/chart/chart-yaml.ts';
import { type Change, changesIn, withMetadata } from '../../tools/release/chart-metadata.ts';
import { CHART_NAMES, CHARTS } from '../../tools/release/charts.ts';
import { notesOf } from '../../tools/release/notes.ts';

interface Manifest {
  readonly version: string;
  readonly appVersion: string;
  readonly icon: string;
  readonly home?: string;
  readonly sources?: readonly string[];
  readonly maintainers: readonly unknown[];
  readonly annotations: Readonly<Record<string, string>>;
}

const read = (path: string) => readFile(join(ROOT, path), 'utf8');
const { version } = JSON.parse(await read('package.json')) as { readonly version: string };

/** The changelog as it is when the version is released. */
async function releasedChangelog(): Promise<string> {
  return (await read('CHANGELOG.md')).replace('## [Unreleased]', `## [${version}] - 2026-12-01`);
}

function annotation(manifest: Manifest, name: string): unknown {
  return load(manifest.annotations[`artifacthub.io/${name}`] ?? 'null');
}

for (const name of CHART_NAMES) {
  describe(`Chart.yaml of ${name}`, () => {
    const path = `charts/${name}/Chart.yaml`;
    const SOURCE = 'https://example.com/owner/repository';

    it('has the version of the package, for the chart, its program and its image', async () => {
      const manifest = load(await read(path)) as Manifest;
      assert.deepEqual([manifest.version, manifest.appVersion], [version, version]);
      const { repository } = (await imageValues(name)) as { readonly repository: string };
      const image = `docker.io/${repository}:${version}`;
      assert.deepEqual(annotation(manifest, 'images'), [{ name: CHARTS[name], image }]);
    });

    it('has an icon of its own, maintainers and a licence', async () => {
      const manifest = load(await read(path)) as Manifest;
      const [head, data = ''] = manifest.icon.split(',');
      assert.equal(head, 'data:image/svg+xml;base64');
      const icon = (await read(`charts/${name}/icon.svg`)).trim();
      assert.equal(Buffer.from(data, 'base64').toString(), icon);
      assert.equal(manifest.maintainers.length, 1);
      assert.match(
        await read('LICENSE'),
        new RegExp(`^${annotation(manifest, 'license')} License`),
      );
    });

    it('has every change of its version in a release, and no other', async () => {
      const changelog = await releasedChangelog();
      const notes = notesOf(changelog, version) ?? '';
      const made = withMetadata(await read(path), { version, changelog, source: '' });
      const changes = annotation(load(made) as Manifest, 'changes') as readonly Change[];
      assert.ok(changes.length > 0);
      assert.equal(changes.length, notes.match(/^- /gm)?.length);
      for (const { description } of changes) assert.doesNotMatch(description, /[`\n]|\]\(|\*\*/);
    });

    it('has links and a screenshot in a release, if it is said where its source is', async () => {
      const options = { version: '1.0.0-rc.1', changelog: '', source: SOURCE };
      const manifest = load(withMetadata(await read(path), options)) as Manifest;
      assert.deepEqual([manifest.home, manifest.sources], [SOURCE, [SOURCE]]);
      assert.equal(manifest.annotations['artifacthub.io/prerelease'], 'true');
      const links = annotation(manifest, 'links') as readonly { readonly url: string }[];
      const start = `${SOURCE}/blob/v1.0.0-rc.1/`;
      const files = links.map(({ url }) => url).filter((url) => url.startsWith(start));
      assert.ok(files.length > 0);
      for (const url of files) await read(url.slice(start.length));
      const shots = annotation(manifest, 'screenshots') as readonly { readonly url: string }[];
      assert.equal(shots.length, 1);
      for (const { url } of shots) {
        const raw = `${SOURCE}/raw/v1.0.0-rc.1/`;
        assert.ok(url.startsWith(raw), url);
        await read(url.slice(raw.length));
      }
    });

    it('says nothing that is not so: no links without a source, no changes without notes', async () => {
      const options = { version, changelog: '', source: '' };
      const manifest = load(withMetadata(await read(path), options)) as Manifest;
      const names = Object.keys(manifest.annotations);
      for (const one of ['changes', 'links', 'screenshots', 'signKey', 'containsSecurityUpdates']) {
        assert.ok(!names.includes(`artifacthub.io/${one}`), one);
      }
    });
  });
}

async function imageValues(name: (typeof CHART_NAMES)[number]): Promise<unknown> {
  const values = load(await read(`charts/${name}/values.yaml`)) as {
    readonly image?: unknown;
    readonly manager?: { readonly image: unknown };
  };
  return values.image ?? values.manager?.image;
}

describe('the changes of a version', () => {
  it('have the kind of their heading, and plain words in one line', () => {
    const notes = `- Before [all](docs/a.md).

### Added

- \`kusk\` has
  **two** lines.
- Another.

### Security

- A hole is shut.
`;
    assert.deepEqual(changesIn(notes), [
      { kind: 'changed', description: 'Before all.' },
      { kind: 'added', description: 'kusk has two lines.' },
      { kind: 'added', description: 'Another.' },
      { kind: 'security', description: 'A hole is shut.' },
    ]);
    const changelog = `## [1.0.0] - 2026-12-01\n\n${notes}`;
    const made = withMetadata('name: a\n', { version: '1.0.0', changelog, source: '' });
    assert.match(made, /^ {2}artifacthub\.io\/containsSecurityUpdates: 'true'$/m);
  });

  it('cannot have a kind that Artifact Hub does not know', () => {
    assert.throws(() => changesIn('### Improved\n\n- A.\n'), /"### Improved": write one of added,/);
  });
});

describe('a Chart.yaml of the checkout', () => {
  it('gets version and icon in their places, and keeps its comments', () => {
    const text =
      '# a\nversion: 0\nappVersion: "0"\nicon: x\nannotations:\n  images: |\n    - name: b\n      image: a/b:0\n';
    assert.equal(
      chartYaml(text, { version: '1.2.3', icon: '<svg/>\n' }),
      '# a\nversion: 1.2.3\nappVersion: "1.2.3"\nicon: data:image/svg+xml;base64,PHN2Zy8+\n' +
        'annotations:\n  images: |\n    - name: b\n      image: a/b:1.2.3\n',
    );
  });
});
