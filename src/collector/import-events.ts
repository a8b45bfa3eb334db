import type { Message } from '../event.ts';
import { isObject } from './ingest/members.ts';
import type { Reason } from './ingest/reasons.ts';
import { isTimestamp } from './ingest/timestamp.ts';
import { validate } from './ingest/validate.ts';
import type { ArrivedEvent, Store } from './store/store.ts';

export interface ImportOptions {
  /** NDJSON: events that `export` wrote, or an archive of Segment's track calls. */
  readonly lines: AsyncIterable<string>;
  /** When events arrived that do not say so, in milliseconds since the epoch. */
  readonly now: number;
}

/** What became of the lines. */
export interface Imported {
  readonly stored: number;
  /** Lines whose messages were stored before. */
  readonly repeats: number;
  readonly refused: ReadonlyMap<Reason | 'not-json', number>;
  /** Whether the last line is no JSON, as after an export that did not end. */
  readonly isCut: boolean;
}

/** ClickHouse gets the ids of a chunk in a query of at most 256 KiB. */
const CHUNK = 500;

/**
 * Stores the events of all lines, each message once. It can be interrupted and repeated.
 *
 * Members that a Segment archive adds are ignored, but the payload must be that of the catalogue.
 */
export async function importEvents(
  store: Pick<Store, 'importEvents'>,
  { lines, now }: ImportOptions,
): Promise<Imported> {
  const refused = new Map<Reason | 'not-json', number>();
  let chunk: ArrivedEvent[] = [];
  let [stored, repeats] = [0, 0];
  let isCut = false;

  async function flush(): Promise<void> {
    const { accepted, duplicates } = await store.importEvents(chunk);
    stored += accepted;
    repeats += duplicates;
    chunk = [];
  }

  for await (const untrimmed of lines) {
    // Also the byte order mark, with which Windows PowerShell begins a file.
    const line = untrimmed.trim();
    if (line === '') continue;
    const parsed = arrivedEvent(line, { now });
    isCut = parsed === 'not-json';
    if (typeof parsed === 'string') refused.set(parsed, (refused.get(parsed) ?? 0) + 1);
    else chunk.push(parsed);
    if (chunk.length >= CHUNK) await flush();
  }
  if (chunk.length > 0) await flush();
  return { stored, repeats, refused, isCut };
}

function arrivedEvent(
  line: string,
  { now }: Pick<ImportOptions, 'now'>,
): ArrivedEvent | Reason | 'not-json' {
  const value = parseJson(line);
  if (value === undefined) return 'not-json';
  if (!isObject(value)) return 'not-an-object';
  const verdict = validate(payloadOf(value as Partial<Message> & { readonly type?: unknown }));
  if ('refused' in verdict) return verdict.refused;
  const { receivedAt } = value;
  const isKnown = typeof receivedAt === 'string' && isTimestamp(receivedAt);
  return { event: verdict.event, receivedAt: isKnown ? Date.parse(receivedAt) : now };
}

/** Only these members are looked at. */
function payloadOf(value: Partial<Message> & { readonly type?: unknown }) {
  const { messageId, anonymousId, userId, event, properties, timestamp, type } = value;
  const payload = { messageId, anonymousId, userId, event, properties, timestamp };
  return type === undefined ? payload : { ...payload, type };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
