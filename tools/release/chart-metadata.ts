import { dump, load } from 'js-yaml';
import { notesOf } from './notes.ts';

export interface MetadataOptions {
  readonly version: string;
  /** The text of CHANGELOG.md. */
  readonly changelog: string;
  /** Where the source is, as a URL. Empty if nobody has said it. */
  readonly source: string;
}

/** What Artifact Hub shows of one change. */
export interface Change {
  readonly kind: (typeof KINDS)[number];
  readonly description: string;
}

/** Both Keep a Changelog and Artifact Hub have these. */
const KINDS = ['added', 'changed', 'deprecated', 'removed', 'fixed', 'security'] as const;

/** What each chart installs looks like, in docs/screenshots. */
const SCREENSHOTS: Readonly<Record<string, { readonly title: string; readonly file: string }>> = {
  'kusk-collector': { title: 'The seven numbers', file: 'collector.png' },
  'kusk-gateway': { title: 'What has left a cluster, in kusk dashboard', file: 'dashboard.png' },
};

interface Manifest {
  readonly name?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Returns a Chart.yaml with what only a release has: its changes, and where its source is.
 *
 * @see https://artifacthub.io/docs/topics/annotations/helm/
 */
export function withMetadata(chartYaml: string, options: MetadataOptions): string {
  const { version, changelog, source } = options;
  const manifest = load(chartYaml) as Manifest;
  const changes = changesIn(notesOf(changelog, version) ?? '');
  const annotations = {
    ...manifest.annotations,
    ...(changes.length > 0 && { 'artifacthub.io/changes': text(changes) }),
    ...(changes.some(({ kind }) => kind === 'security') && {
      'artifacthub.io/containsSecurityUpdates': 'true',
    }),
    'artifacthub.io/prerelease': String(version.includes('-')),
    ...(source !== '' && {
      'artifacthub.io/links': text(links(options)),
      'artifacthub.io/screenshots': text(screenshots(manifest, options)),
    }),
  };
  const places = source === '' ? {} : { home: source, sources: [source] };
  return text({ ...manifest, ...places, annotations });
}

function links({ source, version }: MetadataOptions) {
  const file = (path: string) => `${source}/blob/v${version}/${path}`;
  return [
    { name: 'What leaves, and why', url: file('docs/telemetry.md') },
    { name: 'Verify this release', url: file('docs/verify.md') },
    { name: 'Security', url: file('SECURITY.md') },
    { name: 'support', url: `${source}/issues` },
  ];
}

function screenshots({ name = '' }: Manifest, { source, version }: MetadataOptions) {
  const shot = SCREENSHOTS[name];
  if (shot === undefined) return [];
  const url = `${source}/raw/v${version}/docs/screenshots/${shot.file}`;
  return [{ title: shot.title, url }];
}

/** Returns the items of a changelog's section, as plain text. Items below no heading are changes. */
export function changesIn(notes: string): readonly Change[] {
  const changes: Change[] = [];
  let kind: Change['kind'] = 'changed';
  for (const part of notes.split(/^(?=### |- )/m)) {
    const [, heading] = /^### (\w+)/.exec(part) ?? [];
    if (heading !== undefined) kind = kindOf(heading);
    else if (part.startsWith('- ')) changes.push({ kind, description: plain(part.slice(2)) });
  }
  return changes;
}

function kindOf(heading: string): Change['kind'] {
  const found = KINDS.find((kind) => kind === heading.toLowerCase());
  if (found !== undefined) return found;
  throw new Error(`CHANGELOG.md has "### ${heading}": write one of ${KINDS.join(', ')}.`);
}

/** Returns Markdown without its marks, in one line. */
function plain(markdown: string): string {
  return markdown
    .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1')
    .replaceAll(/`([^`]+)`/g, '$1')
    .replaceAll('**', '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function text(value: unknown): string {
  return dump(value, { lineWidth: -1 });
}
