import { readFile } from 'node:fs/promises';
import type { Time } from '../cluster/time.ts';
import type { FileText } from './config-file.ts';

export interface FollowOptions {
  readonly path: string | undefined;
  readonly time: Time;
  readonly everyMs: number;
}

/** Reads the file once. */
export async function readText(path: string | undefined): Promise<FileText> {
  if (path === undefined) return 'none';
  try {
    return { text: await readFile(path, 'utf8') };
  } catch (error) {
    return { error: (error as NodeJS.ErrnoException).code ?? 'unreadable' };
  }
}

/**
 * Gives the file's text now and after each change, until aborted.
 *
 * It is looked at, not subscribed to: that holds for the symlink swap of a mounted ConfigMap, for
 * editors and for network file systems alike. A change counts once two looks in a row saw the same,
 * so that nobody's half-written file is taken for a decision.
 */
export async function* followFile(
  { path, time, everyMs }: FollowOptions,
  signal: AbortSignal,
): AsyncGenerator<FileText> {
  let current = await readText(path);
  let candidate = current;
  yield current;
  while (!signal.aborted) {
    await time.wait(everyMs, signal).catch(() => undefined);
    const seen = await readText(path);
    const settled = same(seen, candidate) && !same(seen, current);
    candidate = seen;
    if (!settled || signal.aborted) continue;
    current = seen;
    yield current;
  }
}

function same(one: FileText, other: FileText): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
