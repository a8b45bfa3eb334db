import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from '../../../lab/support/command.ts';
import { installOnce } from '../../../lab/support/install-once.ts';
import { missingOf } from '../../../lab/support/needed.ts';
import type { Client } from './clients.ts';

/** Returns why the client cannot run on this machine, or `undefined` if it can. */
export async function obstacleTo(client: Client): Promise<string | undefined> {
  const { title, needed } = client;
  const missing = await missingOf(needed, { env: process.env });
  const packages = [...new Set(Object.values(needed))].join(' ');
  const advice = `To try Segment's ${title} client: apt-get install ${packages}`;
  if (missing.length > 0) return `${missing.join(', ')} is missing. ${advice}`;
  return await versionOf(client).then(
    () => undefined,
    (error: Error) => `${error.message}. ${packages === '' ? '' : advice}`,
  );
}

/**
 * Installs a client once, into a folder of the cache, and returns the folder.
 *
 * The folder's name contains a digest of everything that determines its content, so each change
 * creates a new folder.
 */
export async function install(client: Client): Promise<string> {
  return await installOnce({
    group: 'segment-clients',
    name: `${client.title.toLowerCase()}-${await digest(client)}`,
    async install(folder) {
      await client.install(folder, await environmentOf(client)).catch((cause: Error) => {
        const what = `Segment's ${client.title} client could not be installed into ${folder}`;
        throw new Error(`${what}: ${cause.message}`, { cause });
      });
    },
  });
}

function environmentOf({ environment }: Client): Promise<NodeJS.ProcessEnv> {
  return environment?.() ?? Promise.resolve(process.env);
}

/** Resolves with the version of the client's toolchain, as it prints it. */
async function versionOf(client: Client): Promise<string> {
  const [file = '', ...args] = client.version;
  return await command(file, args, { env: await environmentOf(client) });
}

async function digest(client: Client): Promise<string> {
  const hash = createHash('sha256').update(await versionOf(client));
  hash.update(`${process.platform} ${process.arch}`);
  for (const path of client.files) hash.update(await readFile(join(import.meta.dirname, path)));
  return hash.digest('hex').slice(0, 12);
}
