import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from '../../lab/support/command.ts';
import { ROOT } from '../../lab/support/root.ts';

/** @see https://cyclonedx.org/docs/1.5/json/ */
export interface Component {
  readonly 'bom-ref': string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly cpe?: string;
}

export interface Bom {
  readonly serialNumber?: string;
  readonly metadata: {
    readonly timestamp?: string;
    readonly tools?: unknown;
    readonly component: Readonly<Record<string, unknown>>;
  };
  readonly components: readonly Component[];
  readonly dependencies: readonly Dependency[];
}

interface Dependency {
  readonly ref: string;
  readonly dependsOn: readonly string[];
}

/** What a file of the release holds. */
export interface Contents {
  readonly name: string;
  readonly version: string;
  /** The bundled packages, each as `name@version`. */
  readonly packages: ReadonlySet<string>;
  /** Whatever npm does not know of. */
  readonly others?: readonly Component[];
}

/** Returns what npm says of all packages that are not for development, from the lockfile. */
export async function npmBom(): Promise<Bom> {
  const args = ['sbom', '--sbom-format=cyclonedx', '--package-lock-only', '--omit=dev'];
  return JSON.parse(await command('npm', args, { cwd: ROOT })) as Bom;
}

/**
 * Returns the list of components of a file in CycloneDX: those of npm's list that it holds, and others.
 *
 * npm puts a random number, the current time and its own version into its list: all are optional and left
 * out. Throws if npm's list lacks a package.
 */
export function bomOf({ serialNumber: _, ...bom }: Bom, contents: Contents): string {
  const { name, version, packages, others = [] } = contents;
  const components = bom.components.filter((one) => packages.has(one['bom-ref']));
  const missing = packages.difference(new Set(components.map((one) => one['bom-ref'])));
  if (missing.size > 0) throw new Error(`npm sbom does not list ${[...missing].join(', ')}.`);
  const root = `${name}@${version}`;
  const all = [...components, ...others];
  const dependencies = [
    { ref: root, dependsOn: all.map((one) => one['bom-ref']) },
    ...bom.dependencies
      .filter(({ ref }) => packages.has(ref))
      .map(({ ref, dependsOn }) => ({
        ref,
        dependsOn: dependsOn.filter((one) => packages.has(one)),
      })),
  ];
  const { timestamp: __, tools: ___, ...rest } = bom.metadata;
  const component = { 'bom-ref': root, type: 'application', name, version };
  const metadata = { ...rest, component };
  return `${JSON.stringify({ ...bom, metadata, components: all, dependencies }, undefined, 2)}\n`;
}

/** Node itself, which holds what its own project lists. */
export function nodeComponent(): Component {
  const { node: version } = process.versions;
  const purl = `pkg:generic/node@${version}`;
  const cpe = `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`;
  return { 'bom-ref': purl, type: 'platform', name: 'node', version, purl, cpe };
}

/** Returns packages as `name@version`, by their folders below the checkout: `node_modules/js-yaml`. */
export async function packageIds(folders: readonly string[]): Promise<ReadonlySet<string>> {
  const ids = folders.map(async (folder) => {
    const text = await readFile(join(ROOT, folder, 'package.json'), 'utf8');
    const { name, version } = JSON.parse(text) as Readonly<Record<string, string>>;
    return `${name}@${version}`;
  });
  return new Set(await Promise.all(ids));
}
