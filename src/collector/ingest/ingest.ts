import type { Readable } from 'node:stream';
import type { Time } from '../../runtime/time.ts';
import type { IsKey } from '../../web/keys.ts';
import { authorizeBody, isAuthorized } from '../auth.ts';
import type { Recorded, Store } from '../store/store.ts';
import { asObject, type Batch, LIMITS, parseBatch, parseTrack } from './batch.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { RateLimit } from './rate-limit.ts';
import { receive } from './receive.ts';
import { bodyHeaders, parseBody } from './request-body.ts';

/** How a path reads its body. */
interface Intake {
  /** The most bytes of a body, both as sent and after inflation. */
  readonly maxBytes: number;
  readonly parse: (body: unknown) => Batch;
}

export const BATCH: Intake = { maxBytes: LIMITS.batchBytes, parse: parseBatch };
export const TRACK: Intake = { maxBytes: LIMITS.eventBytes, parse: parseTrack };

/** A request whose headers have arrived. */
export interface Upload {
  readonly headers: Headers;
  /** The body as sent. */
  readonly body: Readable;
  /** Requests the body from a sender that expects 100-continue. */
  readonly proceed: () => void;
  /** Drops the rest of the body, because each unread chunk takes memory. */
  readonly discard: () => void;
}

export interface IngestOptions {
  readonly record: Store['record'];
  readonly isWriteKey: IsKey;
  readonly budget: ByteBudget;
  /** `known` for requests with a write key in the header, `unknown` for those with one in the body. */
  readonly limits: Readonly<Record<'known' | 'unknown', RateLimit>>;
  readonly time: Pick<Time, 'now' | 'steady' | 'after'>;
  /** Called after each batch is stored. */
  readonly onRecorded: (recorded: Recorded, batch: Batch) => void;
}

/** Stores the events of a request. Resolves once they are stored. Rejects with an `HttpRefusal`, or with
 * the store's error. */
export type Ingest = (upload: Upload, intake: Intake) => Promise<void>;

/**
 * Creates the intake of events.
 *
 * A request with wrong headers is refused before its body is read. A body takes only bytes of the
 * budget until it is complete.
 */
export function createIngest(options: IngestOptions): Ingest {
  const { record, isWriteKey: isKey, budget, limits, time, onRecorded } = options;

  async function receiveBody({ headers, body, proceed }: Upload, { maxBytes }: Intake) {
    const isKnown = isAuthorized(headers.get('authorization') ?? undefined, { isKey });
    const { isGzip, announced } = bodyHeaders(headers, { maxBytes });
    proceed();
    const reserve = (onEvict: () => void) => budget.reserve({ isKnown, onEvict });
    return { isKnown, isGzip, ...(await receive(body, { maxBytes, announced, reserve, time })) };
  }

  async function receiveOrDiscard(upload: Upload, intake: Intake) {
    try {
      return await receiveBody(upload, intake);
    } catch (error) {
      upload.discard();
      throw error;
    }
  }

  return async function ingest(upload, intake) {
    const { isKnown, isGzip, bytes, release } = await receiveOrDiscard(upload, intake);
    try {
      limits[isKnown ? 'known' : 'unknown']();
      const body = asObject(parseBody(bytes, { isGzip, maxBytes: intake.maxBytes }));
      if (!isKnown) authorizeBody(body.writeKey, { isKey });
      const batch = intake.parse(body);
      onRecorded(await record(batch, { receivedAt: time.now() }), batch);
    } finally {
      release();
    }
  };
}
