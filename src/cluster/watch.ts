import type { Kind, Sighting } from '../event.ts';
import type { KubeRequest } from './connect.ts';
import { MalformedAnswerError } from './errors.ts';
import { linesOf } from './lines.ts';
import { METADATA_WATCH, resourceVersionOf, sightingOf } from './metadata.ts';
import { statusInWatch } from './status.ts';

/** What a watch says: a creation, or only that history has come so far. */
export interface WatchStep {
  /** The resource that was created; `undefined` for updates, deletions and bookmarks. */
  readonly created: Sighting | undefined;
  readonly resourceVersion: string;
}

export interface WatchOptions {
  readonly request: KubeRequest;
  /** The path of the kind's collection. */
  readonly path: string;
  /** Everything after this moment is reported. */
  readonly resourceVersion: string;
  /** When the server is to end the watch, in seconds. */
  readonly timeoutSeconds: number;
  /** A watch that is silent for longer is dead: bookmarks come about once a minute. Milliseconds. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
  /** Called once the server has accepted the watch. */
  readonly onOpen: () => void;
}

/**
 * Watches a kind in all namespaces, metadata only, with bookmarks.
 *
 * Ends when the server ends it. Throws a `KubeStatusError` for an ERROR event or a refusal, a
 * `MalformedAnswerError` for a line that is no watch event, undici's error for a broken connection.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export async function* watchKind(kind: Kind, options: WatchOptions): AsyncGenerator<WatchStep> {
  const { request, path, resourceVersion, signal, silenceMs } = options;
  const query = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion,
    timeoutSeconds: String(options.timeoutSeconds),
  };
  const { body } = await request(path, { query, accept: METADATA_WATCH, signal, silenceMs });
  // Whoever leaves early ends the request; the error that this makes concerns nobody any more.
  body.on('error', () => undefined);
  options.onOpen();
  try {
    for await (const line of linesOf(body)) yield stepOf(kind, line);
  } finally {
    body.destroy();
  }
}

function stepOf(kind: Kind, line: string): WatchStep {
  const { type, object } = eventIn(line);
  if (type === 'ERROR') throw statusInWatch(object);
  if (type === 'ADDED') {
    const created = sightingOf(kind, object);
    return { created, resourceVersion: created.resourceVersion };
  }
  if (type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK') {
    return { created: undefined, resourceVersion: resourceVersionOf(object) };
  }
  throw new MalformedAnswerError('sent a watch event of an unknown type');
}

function eventIn(line: string): { readonly type?: unknown; readonly object?: unknown } {
  try {
    return JSON.parse(line) ?? {};
  } catch (cause) {
    throw new MalformedAnswerError('sent a watch line that is not JSON', { cause });
  }
}
