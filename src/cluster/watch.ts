import type { Kind, Sighting } from '../event.ts';
import type { Time } from '../runtime/time.ts';
import type { KubeRequest } from './connect.ts';
import { MalformedResponseError } from './errors.ts';
import type { JsonScanner } from './json-scanner.ts';
import { watchStatusError } from './kube-status.ts';
import { resourceVersionOf } from './metadata.ts';
import type { ObjectReader } from './object-reader.ts';
import { serverClock } from './server-clock.ts';

const LINE_FEED = 10;
/** The member of a step, by the type of its watch event. */
const STEPS: ReadonlyMap<unknown, 'created' | 'modified' | 'deleted'> = new Map([
  ['ADDED', 'created'],
  ['MODIFIED', 'modified'],
  ['DELETED', 'deleted'],
]);

/** One step of a watch: a creation, a change, a deletion, or only a later resourceVersion. */
export interface WatchStep<Item extends Sighting = Sighting> {
  readonly created?: Item;
  /** The resource that was changed, if the reader reads changes. */
  readonly modified?: Item;
  /** The resource that was deleted. */
  readonly deleted?: Item;
  readonly resourceVersion: string;
}

export interface WatchOptions<Item extends Sighting = Sighting> {
  readonly request: KubeRequest;
  readonly reader: ObjectReader<Item>;
  /** The path of the kind's collection. */
  readonly path: string;
  /** Everything after this resourceVersion is reported. */
  readonly resourceVersion: string;
  /** After how many seconds the server should end the watch. */
  readonly timeoutSeconds: number;
  /** How long the watch may be idle, in milliseconds. Bookmarks arrive about once a minute. */
  readonly idleTimeoutMs: number;
  readonly time: Time;
  readonly signal: AbortSignal;
  /** Called once the server has accepted the watch. */
  readonly onOpen: () => void;
}

/**
 * Watches a kind in all namespaces, with bookmarks.
 *
 * Ends when the server ends it. Throws a `KubeStatusError` for an ERROR event or a refusal, a
 * `MalformedResponseError` for malformed events, and undici's error for a broken connection.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export async function* watchKind<Item extends Sighting>(
  kind: Kind,
  options: WatchOptions<Item>,
): AsyncGenerator<WatchStep<Item>> {
  const { request, reader, path, resourceVersion, signal, idleTimeoutMs } = options;
  const query = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion,
    timeoutSeconds: String(options.timeoutSeconds),
  };
  const clockOf = serverClock(options.time);
  const response = await request(path, {
    query,
    accept: reader.watchAccept,
    signal,
    idleTimeoutMs,
  });
  const { body } = response;
  // A caller that stops early ends the request. The resulting error is ignored.
  body.on('error', () => undefined);
  const now = clockOf(response);
  options.onOpen();
  try {
    for await (const event of eventsIn(body, reader)) yield stepOf(event, { kind, reader, now });
  } finally {
    body.destroy();
  }
}

/** Yields one event a line. Events before malformed JSON are yielded before the error is thrown. */
async function* eventsIn(
  body: AsyncIterable<Uint8Array>,
  { watchScanner }: Pick<ObjectReader, 'watchScanner'>,
): AsyncGenerator<unknown> {
  let events: unknown[] = [];
  const scanner = watchScanner((event) => void events.push(event));
  for await (const chunk of body) {
    const failure = failureOf(() => writeLines(chunk, scanner));
    yield* events;
    if (failure !== undefined) throw failure;
    events = [];
  }
}

/** JSON strings contain no line feed: a value that is still open at a line feed was cut off. */
function writeLines(chunk: Uint8Array, scanner: JsonScanner): void {
  for (let from = 0; from < chunk.length; ) {
    const end = chunk.indexOf(LINE_FEED, from) + 1 || chunk.length;
    scanner.write(chunk.subarray(from, end));
    if (chunk[end - 1] === LINE_FEED && !scanner.isBetweenValues()) {
      throw new MalformedResponseError('sent a watch line that is not JSON');
    }
    from = end;
  }
}

function failureOf(task: () => void): unknown {
  try {
    task();
  } catch (error) {
    return error;
  }
  return undefined;
}

interface StepOptions<Item extends Sighting> {
  readonly kind: Kind;
  readonly reader: ObjectReader<Item>;
  readonly now: () => number;
}

function stepOf<Item extends Sighting>(
  event: unknown,
  { kind, reader, now }: StepOptions<Item>,
): WatchStep<Item> {
  const { type, object } = (event ?? {}) as { readonly type?: unknown; readonly object?: unknown };
  if (type === 'ERROR') throw watchStatusError(object);
  if (type === 'BOOKMARK' || (type === 'MODIFIED' && !reader.readsChanges)) {
    return { resourceVersion: resourceVersionOf(object) };
  }
  const name = STEPS.get(type);
  if (name === undefined) throw new MalformedResponseError('sent a watch event of an unknown type');
  const item = reader.itemOf(kind, object, now());
  return { [name]: item, resourceVersion: item.resourceVersion };
}
