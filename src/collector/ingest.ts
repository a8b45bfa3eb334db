import { authorizeBody, isAuthorized } from './auth.ts';
import { asObject, type Batch, batchOf, trackOf } from './batch.ts';
import { readJson } from './body.ts';
import type { KnowsKey } from './keys.ts';
import { LIMITS } from './limits.ts';
import type { Admit } from './overload.ts';
import type { Store } from './store.ts';

/** What a path takes: how large its body may be, and how it is read. */
interface Intake {
  readonly maxBytes: number;
  readonly parse: (body: unknown) => Batch;
}

export const BATCH: Intake = { maxBytes: LIMITS.batchBytes, parse: batchOf };
export const TRACK: Intake = { maxBytes: LIMITS.eventBytes, parse: trackOf };

export interface IngestOptions {
  readonly store: Pick<Store, 'record'>;
  readonly knowsWriteKey: KnowsKey;
  readonly admit: Admit;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: { readonly info: (fields: object, message: string) => void };
}

/** Takes a request's events in. Resolves once they are stored; throws an `HttpRefusal` if not. */
export type Ingest = (request: Request, intake: Intake) => Promise<void>;

export function ingestion({ store, knowsWriteKey, admit, now, log }: IngestOptions): Ingest {
  async function take(request: Request, { maxBytes, parse }: Intake): Promise<void> {
    const header = request.headers.get('authorization') ?? undefined;
    const isKnown = isAuthorized(header, { knows: knowsWriteKey });
    const body = asObject(await readJson(request, { maxBytes }));
    if (!isKnown) authorizeBody(body.writeKey, { knows: knowsWriteKey });
    const batch = parse(body);
    const recorded = store.record(batch, { receivedAt: now() });
    log.info({ ...recorded, refused: Object.fromEntries(batch.refused) }, 'stored');
  }

  return (request, intake) => admit(() => take(request, intake));
}
