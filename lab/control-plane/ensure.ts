import { join } from 'node:path';
import { type BuildOptions, build } from './build.ts';
import { cacheFolder } from './cache.ts';
import { findUsable } from './find.ts';
import { PROGRAMS, type ProgramName } from './programs.ts';

/**
 * Returns a path for each program: one found on the machine whose version will do, else our own,
 * which is built first if it has not been.
 */
export async function ensure<Name extends ProgramName>(
  names: readonly Name[],
  options: BuildOptions,
): Promise<Readonly<Record<Name, string>>> {
  const found = await Promise.all(names.map((name) => findUsable(name, options)));
  const ours = names.filter((_, index) => found[index] === undefined);
  for (const [module, wanted] of Map.groupBy(ours, (name) => PROGRAMS[name].module)) {
    await build(module, wanted, options);
  }
  const paths = names.map((name, index) => found[index] ?? cached(name, options));
  return Object.fromEntries(names.map((name, index) => [name, paths[index]])) as Record<
    Name,
    string
  >;
}

function cached(name: ProgramName, options: BuildOptions): string {
  return join(cacheFolder(PROGRAMS[name].module, options), name);
}
