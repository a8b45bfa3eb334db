import { join } from 'node:path';
import { command } from './command.ts';
import { ROOT } from './root.ts';

/** Bundles the programs of `src/bin/` into a folder, and returns the path of the one called `name`. */
export async function buildInto(folder: string, { name }: { readonly name: string }) {
  await command('npm', ['run', '--silent', 'build', '--', '--into', folder], { cwd: ROOT });
  return join(folder, `${name}.mjs`);
}
