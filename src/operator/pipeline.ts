import type { SegmentDelivery } from '../deliver/segment.ts';
import { believedClock } from '../record/believed-clock.ts';
import { openRecorder, type Recorder, type RecorderChange } from '../record/recorder.ts';
import { notifier } from '../runtime/notifier.ts';
import { type Run, runAll } from '../runtime/run.ts';
import type { LeaderOptions } from './dependencies.ts';
import { guard, openDelivery } from './outbox/delivery.ts';
import { sendPending } from './outbox/send.ts';
import {
  isOwnershipLost,
  type LedgerCheck,
  ledgerCheck,
  type Ownership,
  ownership,
} from './ownership.ts';
import { type Persister, persister } from './persist.ts';
import type { StoredLedger } from './stored-ledger.ts';
import { watchKinds } from './watch-kinds.ts';

export interface PipelineOptions extends LeaderOptions {
  readonly storedLedger: StoredLedger;
  readonly clusterId: string;
}

/** How long the last write of the ledger may take, in milliseconds. */
const LAST_WRITE_MS = 2_000;
/** The longest pause between two heartbeat checks, in ms: the clock may have been set meanwhile. */
const HEARTBEAT_CHECK_MS = 60_000;

/**
 * Runs the leader's pipeline:
 *
 * - watches the kinds and records each creation,
 * - enqueues the install event and the heartbeats when they are due,
 * - sends pending events to the endpoint,
 * - checks the ledger before each request, as another replica may have withdrawn consent,
 * - persists the ledger after each change.
 *
 * Resolves when aborted, after a last write of the ledger with the events that are still pending
 * (unless telemetry was switched off). Rejects with `WithdrawnElsewhere` or `NewerLedger`.
 */
export async function runPipeline(options: PipelineOptions, signal: AbortSignal): Promise<void> {
  const notifiers = newNotifiers();
  const recorder = openRecorder(options.storedLedger.ledger, {
    clusterId: options.clusterId,
    onChange(change) {
      if (change === 'checkpoint') writer.progressed();
      else notifyOf(change, notifiers);
    },
  });
  const parts = { ...options, ...permission(options), recorder, notifiers };
  const writer = ledgerWriter(parts);
  const check = checkBeforeRequest(parts, signal);
  const delivery = deliveryToEndpoint(parts, check);

  observeQueue(parts);
  // A previous leader may have left events pending, and a first ledger was never written.
  for (const { notify } of Object.values(notifiers)) notify();
  try {
    await runAll(
      [
        recordKinds(parts),
        enqueueHeartbeats(parts),
        sendEvents(parts, delivery),
        check.run,
        writer.run,
      ],
      signal,
    );
  } finally {
    await delivery.close();
    await writeLastTime(parts, writer);
    forgetQueue(parts);
  }
}

/** What the parts of the pipeline share. */
interface Parts extends PipelineOptions {
  readonly recorder: Recorder;
  readonly ownership: Ownership;
  /** Whether anything may be sent or written at this moment. */
  readonly allowed: () => boolean;
  readonly notifiers: Notifiers;
}

type Notifiers = ReturnType<typeof newNotifiers>;

function newNotifiers() {
  return {
    enqueued: notifier(),
    acknowledged: notifier(),
    /** The ledger differs from what was written last. */
    changed: notifier(),
    /** The recorder may accept more events. */
    capacity: notifier(),
  };
}

function notifyOf(change: RecorderChange, notifiers: Notifiers): void {
  notifiers.changed.notify();
  if (change === 'enqueued') notifiers.enqueued.notify();
  if (change !== 'acknowledged') return;
  notifiers.acknowledged.notify();
  notifiers.capacity.notify();
}

function permission({ storedLedger, clusterId, consented, leadership }: PipelineOptions) {
  const owned = ownership({ since: storedLedger.ledger.since, cluster: clusterId });
  return {
    ownership: owned,
    allowed: () => consented() && owned.holds() && leadership.holds(),
  };
}

function recordKinds({ notifiers, ...parts }: Parts): Run {
  const { capacity } = notifiers;
  return (signal) => watchKinds({ ...parts, capacity, onState: parts.log.kind }, signal);
}

function enqueueHeartbeats({ recorder, time }: Parts): Run {
  return async function enqueueDue(signal) {
    const now = believedClock(time);
    while (!signal.aborted) {
      const waitMs = recorder.tickHeartbeat(now());
      await time.wait(Math.min(waitMs, HEARTBEAT_CHECK_MS), signal).catch(() => undefined);
    }
  };
}

function sendEvents(parts: Parts, { deliver, close }: SegmentDelivery): Run {
  const { allowed, notifiers, log, health } = parts;
  const sending = {
    ...parts,
    deliver: guard(deliver, allowed),
    close,
    enqueued: notifiers.enqueued,
    onState: log.endpoint,
    onRefused(messageId: string, error: Error) {
      health.refused += 1;
      log.refused(messageId, error);
    },
    onFailed() {
      health.failed += 1;
    },
  };
  return (signal) => sendPending(sending, signal);
}

function deliveryToEndpoint(parts: Parts, check: LedgerCheck): SegmentDelivery {
  const { recorder, config, environment, health, log, time } = parts;
  return openDelivery({
    config,
    environment,
    guard: check.guard,
    onAcknowledged(payload) {
      health.delivered += 1;
      health.deliveredAt = time.now();
      recorder.sent({ ...payload });
      log.sent({ ...payload });
    },
  });
}

function checkBeforeRequest(parts: Parts, signal: AbortSignal): LedgerCheck {
  const { ledgers: store, ownership, time, notifiers, log } = parts;
  const allowed = () => parts.allowed() && !signal.aborted;
  const reports = log.attempts('read the ledger');
  const onUnusable = notifiers.changed.notify;
  return ledgerCheck({ ...reports, store, ownership, allowed, time, onUnusable });
}

function ledgerWriter(parts: Parts): Persister {
  const { ledgers: store, storedLedger, notifiers, log } = parts;
  const { changed, acknowledged } = notifiers;
  const { map } = storedLedger;
  const reports = { onState: log.ledger, onRestored: log.ledgerRestored };
  return persister({ ...parts, ...reports, store, map, changed, acknowledged });
}

async function writeLastTime({ allowed, time, log }: Parts, writer: Persister): Promise<void> {
  if (!allowed()) return;
  try {
    await writer.write(time.deadline(LAST_WRITE_MS));
  } catch (error) {
    if (!isOwnershipLost(error)) log.ledger('failing', error);
  }
}

function observeQueue({ health, recorder }: Parts): void {
  health.pending = recorder.unacknowledged;
  health.full = () => recorder.capacity() <= 0;
}

function forgetQueue({ health }: Parts): void {
  health.kinds.clear();
  Object.assign(health, { pending: () => 0, full: () => false });
}
