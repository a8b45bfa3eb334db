import { discovery } from '../cluster/discover.ts';
import { reflect } from '../cluster/reflect.ts';
import type { Observer } from '../cluster/watch-sink.ts';
import type { SentPayload } from '../deliver/payload.ts';
import { KINDS } from '../event.ts';
import { believedClock } from '../record/believed-clock.ts';
import { type Book, openBook } from '../record/recorder.ts';
import { gate } from '../runtime/notifier.ts';
import { together } from '../runtime/run.ts';
import { type DeliveryOptions, openDelivery } from './delivery.ts';
import type { LeadOptions } from './dependencies.ts';
import { guard } from './guard.ts';
import { observer } from './kind-recorder.ts';
import { ledgerCheck } from './ledger-check.ts';
import { isNotOurs, ownership } from './ownership.ts';
import { persister } from './persist.ts';
import { sendPending } from './send.ts';
import type { Custody } from './stored-ledger.ts';

export interface WorkOptions extends LeadOptions {
  readonly custody: Custody;
  /** The cluster's id. */
  readonly id: string;
}

/** How long the last write of the ledger may take, in milliseconds. */
const LAST_WRITE_MS = 2_000;
/** How often to look at the clock, which may have been set, in milliseconds. */
const LOOK_MS = 60_000;

/** How a kind is followed. */
const FOLLOWING = {
  lookAgainMs: 5_000,
  silenceMs: 90_000,
  watchMs: 300_000,
  relistMs: 600_000,
  retry: { baseMs: 500, capMs: 30_000 },
} as const;

/**
 * The pipeline: what is seen of the cluster goes into the book, what the book tells leaves for the
 * receiver, what is acknowledged goes into the ledger.
 *
 * Resolves when aborted, after the ledger was written with what is still pending (unless telemetry
 * was switched off). Rejects with `WithdrawnElsewhere` or `NewerLedger`.
 */
export async function work(options: WorkOptions, signal: AbortSignal): Promise<void> {
  const {
    announce,
    leadership,
    consented,
    status,
    time,
    random,
    recovery,
    ledgers: store,
    id,
  } = options;
  const gates = { told: gate(), changed: gate(), acknowledged: gate(), room: gate() };
  const owned = ownership({ since: options.custody.ledger.since, cluster: id });
  const allowed = () => consented() && owned.holds() && leadership.holds();
  const book = openBook(options.custody.ledger, {
    clusterId: id,
    onChange(change) {
      if (change === 'progress') return keeper.progressed();
      gates.changed.open();
      if (change === 'told') return gates.told.open();
      gates.acknowledged.open();
      gates.room.open();
    },
  });
  const common = { book, allowed, time, random };
  const keeper = persister({
    ...common,
    store,
    recovery,
    map: options.custody.map,
    ownership: owned,
    changed: gates.changed,
    acknowledged: gates.acknowledged,
    onState: announce.ledger,
    onRestored: announce.ledgerRestored,
  });
  const check = ledgerCheck({
    store,
    ownership: owned,
    allowed: () => allowed() && !signal.aborted,
    time,
    onSpoilt: gates.changed.open,
    ...announce.attempts('read the ledger'),
  });
  const delivery = deliveryInto(book, { ...options, guard: check.guard });
  const sending = {
    ...common,
    clusterId: id,
    recovery,
    deliver: guard(delivery.deliver, allowed),
    close: delivery.close,
    told: gates.told,
    onState: announce.segment,
    onRefused: announce.refused,
    onFailed() {
      status.failed += 1;
    },
  };
  status.pending = book.unacknowledged;
  status.full = () => book.room() <= 0;

  // What a former leader left pending, and what a first ledger holds, is written and sent at once.
  for (const { open } of Object.values(gates)) open();
  try {
    await together(
      [
        (each) => sendPending(sending, each),
        check.run,
        keeper.run,
        (each) => beat(book, options, each),
        (each) => {
          const { room } = gates;
          const onState = announce.kind;
          return followAll(
            observer({ book, status, room, time, onState, signal: each }),
            options,
            each,
          );
        },
      ],
      signal,
    );
  } finally {
    await delivery.close();
    const lastWrite = allowed() ? keeper.write(time.deadline(LAST_WRITE_MS)) : undefined;
    await lastWrite?.catch((error: unknown) => {
      if (!isNotOurs(error)) announce.ledger('failing', error);
    });
    status.kinds.clear();
    Object.assign(status, { pending: () => 0, full: () => false });
  }
}

function deliveryInto(book: Book, options: WorkOptions & Pick<DeliveryOptions, 'guard'>) {
  const { announce, config, environment, status, time, guard } = options;
  return openDelivery({
    config,
    environment,
    guard,
    onAcknowledged(payload: SentPayload) {
      status.delivered += 1;
      status.deliveredAt = time.now();
      book.sent({ ...payload });
      announce.sent({ ...payload });
    },
  });
}

/** Tells the install and the heartbeats when they are due. */
async function beat(book: Book, { time }: WorkOptions, signal: AbortSignal): Promise<void> {
  const now = believedClock(time);
  while (!signal.aborted) {
    const waitMs = book.beat(now());
    await time.wait(Math.min(waitMs, LOOK_MS), signal).catch(() => undefined);
  }
}

/** Follows all kinds over one connection. */
async function followAll(
  observing: Observer,
  { request, time, random, recovery }: WorkOptions,
  signal: AbortSignal,
): Promise<void> {
  const discover = discovery({ request });
  const backoff = { ...FOLLOWING.retry, random };
  const common = { request, discover, time, recovery, backoff };
  const options = { ...FOLLOWING, ...common, observer: observing };
  await together(
    KINDS.map((kind) => (each: AbortSignal) => reflect(kind, options, each)),
    signal,
  );
}
