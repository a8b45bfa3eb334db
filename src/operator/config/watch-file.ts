import { constants } from 'node:fs';
import { access, open, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { OPT_OUT } from '../../cluster/object-names.ts';
import type { FileText } from '../../consent/config-file.ts';
import type { Time } from '../../runtime/time.ts';
import type { OptOutText } from './opt-out.ts';

export interface WatchFileOptions<Found> {
  /** Reads the files once. Never rejects. */
  readonly read: () => Promise<Found>;
  readonly time: Time;
  readonly everyMs: number;
}

/** The result of one read. */
export interface FileRead<Found> {
  readonly found: Found;
  /** Whether the previous read found the same, or this is the first read. */
  readonly settled: boolean;
}

/** The maximum size of a ConfigMap, in bytes. */
const TEXT_LIMIT = 1_048_576;

/** Reads a file once. A file above the maximum size of a ConfigMap is an error. Never rejects. */
export async function readText(path: string | undefined): Promise<FileText> {
  if (path === undefined) return 'none';
  try {
    return { text: await readBounded(path) };
  } catch (error) {
    return { error: (error as NodeJS.ErrnoException).code ?? 'unreadable' };
  }
}

/**
 * Reads the configuration file once. Never rejects.
 *
 * In a mounted ConfigMap a missing file is a missing key, and is returned as an empty text. Anywhere
 * else a missing file is an error.
 */
export async function readConfigText(path: string | undefined): Promise<FileText> {
  const found = await readText(path);
  if (path === undefined || found === 'none' || !('error' in found)) return found;
  return found.error === 'ENOENT' && (await isMounted(path)) ? { text: '' } : found;
}

/**
 * Reads an opt-out file once. Never rejects.
 *
 * If the ConfigMap `kusk-gateway-opt-out` is mounted, in a folder of its name, and has other keys only, these
 * keys are returned. They are read behind `..data`: the folder itself may have the link of a deleted key, and
 * lack that of a new one.
 */
export async function readOptOutText(path: string): Promise<OptOutText> {
  const found = await readText(path);
  const folder = dirname(path);
  const isMissing = found !== 'none' && 'error' in found && found.error === 'ENOENT';
  if (!isMissing || basename(folder) !== OPT_OUT) return found;
  const keys: readonly string[] = await readdir(join(folder, '..data')).catch(() => []);
  return keys.length === 0 || keys.includes(basename(path)) ? found : { otherKeys: keys };
}

/** Whether kubelet has mounted a ConfigMap at the file's directory. */
async function isMounted(path: string): Promise<boolean> {
  return await access(join(dirname(path), '..data')).then(
    () => true,
    () => false,
  );
}

async function readBounded(path: string): Promise<string> {
  // O_NONBLOCK: opening a pipe would otherwise block until another process writes to it.
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const chunks: Buffer[] = await Array.fromAsync(file.createReadStream({ end: TEXT_LIMIT }));
  const bytes = Buffer.concat(chunks);
  if (bytes.length > TEXT_LIMIT) throw Object.assign(new Error('too large'), { code: 'EFBIG' });
  return bytes.toString('utf8');
}

/**
 * Yields the first read, then each read that differs from the previous one and the read that
 * confirms it, until aborted.
 *
 * Files are polled: this works for the symlink swap of a mounted ConfigMap, for editors and for
 * network file systems. Act on a settled read only: an unsettled one may be of a half-written file.
 */
export async function* watchFile<Found>(
  { read, time, everyMs }: WatchFileOptions<Found>,
  signal: AbortSignal,
): AsyncGenerator<FileRead<Found>> {
  let previous: FileRead<Found> = { found: await read(), settled: true };
  yield previous;
  while (!signal.aborted) {
    await time.wait(everyMs, signal).catch(() => undefined);
    const found = await read();
    if (signal.aborted) return;
    const next = { found, settled: isDeepStrictEqual(found, previous.found) };
    const isChange = !next.settled || !previous.settled;
    previous = next;
    if (isChange) yield next;
  }
}
