import { command } from '../../lab/support/command.ts';
import { ROOT } from '../../lab/support/root.ts';
import manifest from '../../package.json' with { type: 'json' };

interface Bom {
  readonly serialNumber?: string;
  readonly metadata: {
    readonly timestamp?: string;
    readonly component: Readonly<Record<string, unknown>>;
  };
}

/**
 * Returns the list of components in CycloneDX, from the lockfile.
 *
 * npm puts a random number and the current time into it, which are optional and left out, and names the
 * project after its folder.
 * @see https://cyclonedx.org/docs/1.5/json/
 */
export async function sbom(): Promise<string> {
  const args = ['sbom', '--sbom-format=cyclonedx', '--package-lock-only', '--omit=dev'];
  const { serialNumber: _, ...bom } = JSON.parse(await command('npm', args, { cwd: ROOT })) as Bom;
  const { timestamp: __, ...rest } = bom.metadata;
  const metadata = { ...rest, component: { ...rest.component, name: manifest.name } };
  return `${JSON.stringify({ ...bom, metadata }, undefined, 2)}\n`;
}
