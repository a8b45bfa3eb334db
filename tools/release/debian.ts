import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from '../../lab/support/command.ts';
import type { Component } from './sbom.ts';

const STATUS = 'var/lib/dpkg/status';

/** Returns the Debian packages in the base of an image, which is a folder in the form of the OCI. */
export async function debianPackagesIn(layout: string): Promise<readonly Component[]> {
  const blob = (digest: string) => join(layout, 'blobs', digest.replace(':', '/'));
  const json = async (path: string) => JSON.parse(await readFile(path, 'utf8'));
  const [{ digest }] = (await json(join(layout, 'index.json'))).manifests;
  const [base] = (await json(blob(digest))).layers;
  const args = ['--extract', '--gzip', '--to-stdout', '--file', blob(base.digest), STATUS];
  return debianPackages(await command('tar', args));
}

/**
 * Returns the packages of a `/var/lib/dpkg/status`.
 *
 * @see https://github.com/package-url/purl-spec/blob/main/types-doc/deb-definition.md
 */
export function debianPackages(status: string): readonly Component[] {
  return status.split(/\n\n+/).flatMap((paragraph) => {
    const field = (key: string) => new RegExp(`^${key}: (.*)$`, 'm').exec(paragraph)?.[1] ?? '';
    if (field('Status') !== 'install ok installed') return [];
    const [name, version, arch] = [field('Package'), field('Version'), field('Architecture')];
    const at = [name, version].map(encodeURIComponent).join('@');
    const purl = `pkg:deb/debian/${at}?arch=${arch}&distro=debian-12`;
    return [{ 'bom-ref': purl, type: 'library', name, version, purl }];
  });
}
