import type { Readable } from 'node:stream';
import type { Time } from '../../runtime/time.ts';
import { authorizeBody, isAuthorized } from '../auth.ts';
import type { IsKey } from '../keys.ts';
import type { Recorded } from '../store/store.ts';
import { asObject, type Batch, LIMITS, parseBatch, parseTrack } from './batch.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { RateLimit } from './rate-limit.ts';
import { receive } from './receive.ts';
import type { RecordWithRetry } from './record-with-retry.ts';
import { bodyHeaders, parseBody } from './request-body.ts';

/** What a path takes: how large its body may be, and how it is read. */
interface Intake {
  readonly maxBytes: number;
  readonly parse: (body: unknown) => Batch;
}

export const BATCH: Intake = { maxBytes: LIMITS.batchBytes, parse: parseBatch };
export const TRACK: Intake = { maxBytes: LIMITS.eventBytes, parse: parseTrack };

/** A request whose headers are there. */
export interface Upload {
  readonly headers: Headers;
  /** The body, as it is sent. */
  readonly body: Readable;
  /** Asks a sender that waits for it (`Expect: 100-continue`) to send the body. */
  readonly proceed: () => void;
  /** Lets go of what was not read: while it waits, each chunk of it takes memory. */
  readonly discard: () => void;
}

export interface IngestOptions {
  readonly record: RecordWithRetry;
  readonly isWriteKey: IsKey;
  readonly budget: ByteBudget;
  /** For requests whose header has a write key, and for those whose body has to be parsed for it. */
  readonly limits: Readonly<Record<'known' | 'unknown', RateLimit>>;
  readonly time: Pick<Time, 'now' | 'steady' | 'after'>;
  /** Called with what became of each batch that was stored. */
  readonly onRecorded: (recorded: Recorded, batch: Batch) => void;
}

/** Stores a request's events. Resolves once they are on the disk; throws an `HttpRefusal` if not. */
export type Ingest = (upload: Upload, intake: Intake) => Promise<void>;

/**
 * Creates the intake.
 *
 * What can be refused by the headers is refused before the body is read, and nothing but bytes of
 * the budget is taken until all of the body is there.
 */
export function createIngest(options: IngestOptions): Ingest {
  const { record, isWriteKey: isKey, budget, limits, time, onRecorded } = options;

  async function receiveBody({ headers, body, proceed }: Upload, { maxBytes }: Intake) {
    const isKnown = isAuthorized(headers.get('authorization') ?? undefined, { isKey });
    const { isGzip, announced } = bodyHeaders(headers, { maxBytes });
    proceed();
    const open = (onEvict: () => void) => budget.open({ isKnown, onEvict });
    return { isKnown, isGzip, ...(await receive(body, { maxBytes, announced, open, time })) };
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
