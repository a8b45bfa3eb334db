import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { PROGRAMS, type ProgramName } from './programs.ts';
import { parseVersion } from './version.ts';

const VERSION_TIMEOUT_MS = 10_000;
const run = promisify(execFile);

/**
 * The first program of that name whose version will do, in `KUBEBUILDER_ASSETS` and then in the
 * folders of `PATH`; `undefined` if there is none.
 */
export async function findUsable(
  name: ProgramName,
  { env }: { readonly env: NodeJS.ProcessEnv },
): Promise<string | undefined> {
  for (const folder of searchPath(env)) {
    const file = join(folder, name);
    if (await isUsable(file, name)) return file;
  }
  return undefined;
}

function searchPath(env: NodeJS.ProcessEnv): readonly string[] {
  const folders = [env.KUBEBUILDER_ASSETS ?? '', ...(env.PATH ?? '').split(delimiter)];
  return [...new Set(folders.filter((folder) => folder !== ''))];
}

/** One that cannot be run, or does not answer, is not usable. */
async function isUsable(file: string, name: ProgramName): Promise<boolean> {
  const { versionArgs, accepts } = PROGRAMS[name];
  try {
    await access(file, constants.X_OK);
    const { stdout } = await run(file, versionArgs, { timeout: VERSION_TIMEOUT_MS });
    return accepts(parseVersion(stdout));
  } catch {
    return false;
  }
}
