import { hasStatus, KubeStatusError } from '../cluster/errors.ts';
import type { LedgerConfigMap, LedgerStore } from '../cluster/ledger-configmap.ts';
import type { Recovery } from '../cluster/recovery.ts';
import { serializeLedger } from '../record/ledger-json.ts';
import type { Recorder } from '../record/recorder.ts';
import { type BackoffOptions, backoff } from '../runtime/backoff.ts';
import type { Notifier } from '../runtime/notifier.ts';
import type { Time } from '../runtime/time.ts';
import { whyNotWritten } from './observability/advice.ts';
import { outage } from './observability/outage.ts';
import { isOwnershipLost, type Ownership } from './ownership.ts';

export interface PersistOptions {
  readonly recorder: Recorder;
  readonly store: LedgerStore;
  /** The ConfigMap as it was read last. */
  readonly map: LedgerConfigMap;
  readonly ownership: Ownership;
  /** Whether this process may write: it leads, and consent has not ended. */
  readonly allowed: () => boolean;
  /** Notified when the ledger has changed. */
  readonly changed: Notifier;
  /** Notified when an event was acknowledged. Such a change is written immediately. */
  readonly acknowledged: Notifier;
  readonly time: Time;
  readonly recovery: Recovery;
  readonly random: BackoffOptions['random'];
  /** Called after the ledger was emptied, deleted, damaged or replaced, and was rewritten. */
  readonly onRestored: () => void;
  /** Called when writes begin to fail, later if a person must act, and when one succeeds again. */
  readonly onState: (state: 'failing' | 'back', error?: unknown) => void;
}

/** The shortest time between two writes, in milliseconds. */
const WRITE_INTERVAL_MS = 1_000;
/** How long a checkpoint may stay unwritten, in milliseconds. A restart replays the watch. */
const CHECKPOINT_MS = 300_000;

/** Keeps the ledger's ConfigMap up to date. */
export interface Persister {
  /**
   * Writes after each change until aborted, at most once a second: after an acknowledgement as soon as that
   * allows, and a second after any other change, because most events are acknowledged by then. A checkpoint is
   * no change. Rejects with `WithdrawnElsewhere` or `NewerLedger`.
   */
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** Writes now. */
  readonly write: (signal: AbortSignal) => Promise<void>;
  /** Called at each checkpoint of a watch. Writes it if the last write is over five minutes old. */
  readonly progressed: () => void;
}

export function persister(options: PersistOptions): Persister {
  const { recorder, store, changed, time } = options;
  let { map } = options;
  let writtenAt = time.steady() - WRITE_INTERVAL_MS;
  /** The ledger was found lost, which is not reported yet. A rewrite whose response was lost may have succeeded. */
  let wasLost = false;

  async function write(signal: AbortSignal): Promise<void> {
    writtenAt = time.steady();
    try {
      map = await store.write(serializeLedger(recorder.ledger()), map, signal);
    } catch (error) {
      if (!hasStatus(error, 404, 409)) throw error;
      const found = await rereadAfterConflict(options, signal);
      wasLost ||= map.text !== undefined && !found.isIntact;
      map = await store.write(serializeLedger(recorder.ledger()), found.map, signal);
    }
    if (wasLost) options.onRestored();
    wasLost = false;
  }

  return {
    run: (signal) => keepWriting(write, { ...options, writtenAt: () => writtenAt }, signal),
    write,
    progressed() {
      if (time.steady() - writtenAt > CHECKPOINT_MS) changed.notify();
    },
  };
}

interface KeepWritingOptions extends PersistOptions {
  /** When the last write began, by the steady clock. */
  readonly writtenAt: () => number;
}

async function keepWriting(
  write: Persister['write'],
  options: KeepWritingOptions,
  signal: AbortSignal,
): Promise<void> {
  const { changed, acknowledged, time, recovery, allowed, writtenAt } = options;
  const states = stateChanges(options);
  while (!signal.aborted) {
    await changed.notified(signal);
    await acknowledgedOrTimeout(options, signal);
    await pause(writtenAt() + WRITE_INTERVAL_MS - time.steady(), options, signal);
    if (signal.aborted) return;
    changed.reset();
    acknowledged.reset();
    const pauseMs = allowed()
      ? await write(signal).then(states.written, states.failed(signal))
      : WRITE_INTERVAL_MS;
    // A failed write is repeated even without a further change.
    if (pauseMs > 0) changed.notify();
    if (pauseMs > 0) await recovery.pause(pauseMs, signal);
  }
}

/** Resolves after an acknowledgement, or after a second. */
async function acknowledgedOrTimeout(options: PersistOptions, signal: AbortSignal): Promise<void> {
  const either = new AbortController();
  const both = AbortSignal.any([signal, either.signal]);
  await Promise.race([
    options.acknowledged.notified(both),
    pause(WRITE_INTERVAL_MS, options, both),
  ]);
  either.abort();
}

async function pause(ms: number, { time }: PersistOptions, signal: AbortSignal): Promise<void> {
  if (ms > 0) await time.wait(ms, signal).catch(() => undefined);
}

/** Reports when writes begin to fail and when they succeed again. Returns the pause, in ms. */
function stateChanges({ random, onState }: PersistOptions) {
  const retry = backoff({ baseMs: WRITE_INTERVAL_MS, capMs: 60_000, random });
  const { hasNews, end } = outage();

  function written(): number {
    if (end()) onState('back');
    retry.succeeded();
    return 0;
  }

  const failed = (signal: AbortSignal) => (error: unknown) => {
    if (isOwnershipLost(error)) throw error;
    if (signal.aborted) return 0;
    if (hasNews(whyNotWritten(error))) onState('failing', error);
    return WRITE_INTERVAL_MS + retry.failed();
  };

  return { written, failed };
}

/**
 * Reads the ConfigMap again after another writer has changed or deleted it. The leader overwrites it
 * unless consent has ended there. Rejects with a 409 if this process may no longer write: it may have
 * been stopped for longer than its lease.
 */
async function rereadAfterConflict(
  { store, ownership, allowed }: PersistOptions,
  signal: AbortSignal,
): Promise<{ readonly map: LedgerConfigMap; readonly isIntact: boolean }> {
  const map = (await store.read(signal)) ?? (await store.create(signal));
  const isIntact = ownership.check(map);
  if (!allowed()) throw new KubeStatusError(409);
  return { map, isIntact };
}
