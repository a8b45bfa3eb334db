import type { Metafile } from 'esbuild';

/** Returns the folders of the packages that a bundle holds, below the checkout: `node_modules/js-yaml`. */
export function packagesIn(inputs: Metafile['inputs']): readonly string[] {
  const folders = Object.keys(inputs).flatMap(
    (path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [],
  );
  return [...new Set(folders)].sort((a, b) => a.localeCompare(b));
}
