import { constants } from 'node:fs';
import { access, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Time } from '../../runtime/time.ts';
import type { FileText } from './file.ts';

export interface WatchFileOptions<Found> {
  /** Looks once. Never rejects. */
  readonly read: () => Promise<Found>;
  readonly time: Time;
  readonly everyMs: number;
}

/** What one look found. */
export interface Look<Found> {
  readonly found: Found;
  /** The look before found the same, or there was none. */
  readonly settled: boolean;
}

/** What a ConfigMap can hold, in bytes. */
const TEXT_LIMIT = 1_048_576;

/** Reads the file once. A file that is larger than a ConfigMap can be counts as unreadable. */
export async function readText(path: string | undefined): Promise<FileText> {
  if (path === undefined) return 'none';
  try {
    return { text: await readBounded(path) };
  } catch (error) {
    return { error: (error as NodeJS.ErrnoException).code ?? 'unreadable' };
  }
}

/**
 * Reads the configuration file once. A key that is missing in a mounted ConfigMap is an empty file,
 * which says nothing; a file that is missing elsewhere is an error.
 */
export async function readConfigText(path: string | undefined): Promise<FileText> {
  const found = await readText(path);
  if (path === undefined || found === 'none' || !('error' in found)) return found;
  return found.error === 'ENOENT' && (await isMounted(path)) ? { text: '' } : found;
}

/** Whether kubelet has filled the file's folder. */
async function isMounted(path: string): Promise<boolean> {
  return await access(join(dirname(path), '..data')).then(
    () => true,
    () => false,
  );
}

async function readBounded(path: string): Promise<string> {
  // Without blocking: opening a pipe would wait until somebody writes to it.
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const chunks: Buffer[] = await Array.fromAsync(file.createReadStream({ end: TEXT_LIMIT }));
  const bytes = Buffer.concat(chunks);
  if (bytes.length > TEXT_LIMIT) throw Object.assign(new Error('too large'), { code: 'EFBIG' });
  return bytes.toString('utf8');
}

/**
 * Yields what is there now, and then each look that differs from the one before or confirms it,
 * until aborted.
 *
 * Files are looked at, not subscribed to: that works for the symlink swap of a mounted ConfigMap,
 * for editors and for network file systems alike. Only a settled look is a decision: an unsettled
 * one may have seen a half-written file.
 */
export async function* watchFile<Found>(
  { read, time, everyMs }: WatchFileOptions<Found>,
  signal: AbortSignal,
): AsyncGenerator<Look<Found>> {
  let last: Look<Found> = { found: await read(), settled: true };
  yield last;
  while (!signal.aborted) {
    await time.wait(everyMs, signal).catch(() => undefined);
    const found = await read();
    if (signal.aborted) return;
    const next = { found, settled: isDeepStrictEqual(found, last.found) };
    const isNews = !next.settled || !last.settled;
    last = next;
    if (isNews) yield next;
  }
}
