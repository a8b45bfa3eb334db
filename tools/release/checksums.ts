import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const SUMS = 'SHA256SUMS';

/** Writes the checksums of all files, as `sha256sum --check` reads them. Returns their lines. */
export async function writeChecksums(folder: string): Promise<readonly string[]> {
  const lines = await checksums(folder);
  await writeFile(join(folder, SUMS), `${lines.join('\n')}\n`);
  return lines;
}

/** Returns a problem for each file that is missing, one too many, or other than its checksum says. */
export async function wrongChecksums(folder: string): Promise<readonly string[]> {
  const written = (await readFile(join(folder, SUMS), 'utf8')).trim().split('\n');
  const nameOf = (line: string) => line.slice(line.indexOf('  ') + 2);
  const different = new Set(written).symmetricDifference(new Set(await checksums(folder)));
  return [...new Set([...different].map(nameOf))].map(
    (name) => `${name} is not what ${SUMS} says.`,
  );
}

async function checksums(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => name !== SUMS);
  names.sort((a, b) => (a < b ? -1 : 1));
  const lines: string[] = [];
  for (const name of names) lines.push(`${await digestOf(join(folder, name))}  ${name}`);
  return lines;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
