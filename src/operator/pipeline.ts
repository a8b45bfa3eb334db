import { discovery } from '../cluster/discover.ts';
import { reflect } from '../cluster/reflect.ts';
import type { SentPayload } from '../deliver/payload.ts';
import { KINDS } from '../event.ts';
import { believedClock } from '../record/believed-clock.ts';
import { openRecorder, type Recorder } from '../record/recorder.ts';
import { notifier } from '../runtime/notifier.ts';
import { runAll } from '../runtime/run.ts';
import { type DeliveryOptions, guard, openDelivery } from './delivery.ts';
import type { LeaderOptions } from './dependencies.ts';
import { type KindRecorder, kindRecorder } from './kind-recorder.ts';
import { isNotOurs, ledgerCheck, ownership } from './ownership.ts';
import { persister } from './persist.ts';
import { sendPending } from './send.ts';
import type { StoredLedger } from './stored-ledger.ts';

export interface PipelineOptions extends LeaderOptions {
  readonly storedLedger: StoredLedger;
  /** The cluster's id. */
  readonly id: string;
}

/** How long the last write of the ledger may take, in milliseconds. */
const LAST_WRITE_MS = 2_000;
/** How often to look at the clock, which may have been set, in milliseconds. */
const LOOK_MS = 60_000;

/** How a kind is followed. */
const FOLLOWING = {
  rediscoverMs: 5_000,
  idleTimeoutMs: 90_000,
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
export async function runPipeline(options: PipelineOptions, signal: AbortSignal): Promise<void> {
  const {
    log,
    leadership,
    consented,
    health,
    time,
    random,
    recovery,
    ledgers: store,
    id,
  } = options;
  const gates = {
    told: notifier(),
    changed: notifier(),
    acknowledged: notifier(),
    room: notifier(),
  };
  const owned = ownership({ since: options.storedLedger.ledger.since, cluster: id });
  const allowed = () => consented() && owned.holds() && leadership.holds();
  const recorder = openRecorder(options.storedLedger.ledger, {
    clusterId: id,
    onChange(change) {
      if (change === 'progress') return keeper.progressed();
      gates.changed.notify();
      if (change === 'told') return gates.told.notify();
      gates.acknowledged.notify();
      gates.room.notify();
    },
  });
  const common = { recorder, allowed, time, random };
  const keeper = persister({
    ...common,
    store,
    recovery,
    map: options.storedLedger.map,
    ownership: owned,
    changed: gates.changed,
    acknowledged: gates.acknowledged,
    onState: log.ledger,
    onRestored: log.ledgerRestored,
  });
  const check = ledgerCheck({
    store,
    ownership: owned,
    allowed: () => allowed() && !signal.aborted,
    time,
    onSpoilt: gates.changed.notify,
    ...log.attempts('read the ledger'),
  });
  const delivery = deliveryInto(recorder, { ...options, guard: check.guard });
  const sending = {
    ...common,
    clusterId: id,
    recovery,
    deliver: guard(delivery.deliver, allowed),
    close: delivery.close,
    enqueued: gates.told,
    onState: log.endpoint,
    onRefused(messageId: string, error: Error) {
      health.refused += 1;
      log.refused(messageId, error);
    },
    onFailed() {
      health.failed += 1;
    },
  };
  health.pending = recorder.unacknowledged;
  health.full = () => recorder.capacity() <= 0;

  // What a former leader left pending, and what a first ledger holds, is written and sent at once.
  for (const { notify: open } of Object.values(gates)) open();
  try {
    await runAll(
      [
        (each) => sendPending(sending, each),
        check.run,
        keeper.run,
        (each) => beat(recorder, options, each),
        (each) =>
          followAll(
            kindRecorder({
              recorder,
              health,
              capacity: gates.room,
              time,
              onState: log.kind,
              signal: each,
            }),
            options,
            each,
          ),
      ],
      signal,
    );
  } finally {
    await delivery.close();
    const lastWrite = allowed() ? keeper.write(time.deadline(LAST_WRITE_MS)) : undefined;
    await lastWrite?.catch((error: unknown) => {
      if (!isNotOurs(error)) log.ledger('failing', error);
    });
    health.kinds.clear();
    Object.assign(health, { pending: () => 0, full: () => false });
  }
}

function deliveryInto(
  recorder: Recorder,
  options: PipelineOptions & Pick<DeliveryOptions, 'guard'>,
) {
  const { log, config, environment, health, time, guard } = options;
  return openDelivery({
    config,
    environment,
    guard,
    onAcknowledged(payload: SentPayload) {
      health.delivered += 1;
      health.deliveredAt = time.now();
      recorder.sent({ ...payload });
      log.sent({ ...payload });
    },
  });
}

/** Tells the install and the heartbeats when they are due. */
async function beat(
  recorder: Recorder,
  { time }: PipelineOptions,
  signal: AbortSignal,
): Promise<void> {
  const now = believedClock(time);
  while (!signal.aborted) {
    const waitMs = recorder.tickHeartbeat(now());
    await time.wait(Math.min(waitMs, LOOK_MS), signal).catch(() => undefined);
  }
}

/** Follows all kinds over one connection. */
async function followAll(
  { sink, monitor }: KindRecorder,
  { request, time, random, recovery }: PipelineOptions,
  signal: AbortSignal,
): Promise<void> {
  const discover = discovery({ request });
  const backoff = { ...FOLLOWING.retry, random };
  const common = { request, discover, time, recovery, backoff };
  const options = { ...FOLLOWING, ...common, sink, monitor };
  await runAll(
    KINDS.map((kind) => (each: AbortSignal) => reflect(kind, options, each)),
    signal,
  );
}
