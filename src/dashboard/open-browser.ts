import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runsJobs } from '../consent/machine.ts';
import type { Environment } from '../runtime/environment.ts';
import { aborted } from '../runtime/run.ts';
import type { Listening } from './serve-dashboard.ts';

export interface OpenBrowserOptions {
  readonly environment: Environment;
  readonly platform: NodeJS.Platform;
  /** Opens an address in the person's browser. It may reject. */
  readonly open: (address: string) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Browsers that are installed as snaps can't read the folder for temporary files. */
const SNAPS = '/var/lib/snapd/snaps';

/** Returns why no browser can be opened, as part of a sentence, or `undefined` if one may be. */
export function browserObstacle({
  environment,
  platform,
}: Pick<OpenBrowserOptions, 'environment' | 'platform'>): string | undefined {
  const { SSH_CONNECTION, SSH_TTY, DISPLAY, WAYLAND_DISPLAY, WSL_DISTRO_NAME } = environment;
  if (runsJobs(environment)) return 'CI is set';
  if (SSH_CONNECTION || SSH_TTY) return 'this is an SSH session';
  const needsDisplay = platform !== 'darwin' && platform !== 'win32' && !WSL_DISTRO_NAME;
  return needsDisplay && !DISPLAY && !WAYLAND_DISPLAY ? 'there is no display' : undefined;
}

/**
 * Opens the dashboard in a browser, and removes what it has written when `signal` aborts.
 *
 * Other users of a machine can see the arguments of a browser's process. So the address with the token
 * is in a file that only this user can read, and the browser opens the file.
 *
 * @see https://github.com/jupyter/notebook/pull/4260 (Jupyter does the same)
 */
export async function openBrowser(
  { address, addressWithToken }: Listening,
  { environment, open, signal }: OpenBrowserOptions,
): Promise<void> {
  // A browser of Windows has no such file, and nobody else is on that virtual machine.
  if (environment.WSL_DISTRO_NAME) return await open(addressWithToken);
  // The page asks for the token.
  if (existsSync(SNAPS)) return await open(address);
  const folder = await mkdtemp(join(tmpdir(), 'kusk-dashboard-'));
  try {
    const file = join(folder, 'open.html');
    await writeFile(file, redirection(addressWithToken), { mode: 0o600 });
    await open(pathToFileURL(file).href);
    await aborted(signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function redirection(address: string): string {
  return `<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${address}">
<title>Kusk dashboard</title>
<p><a href="${address}">Kusk dashboard</a></p>
`;
}
