import { hasStatus, KubeStatusError } from '../cluster/errors.ts';
import type { LedgerConfigMap, LedgerStore } from '../cluster/ledger-configmap.ts';
import type { Recovery } from '../cluster/recovery.ts';
import { serializeLedger } from '../record/ledger-json.ts';
import type { Recorder } from '../record/recorder.ts';
import { type BackoffOptions, backoff } from '../runtime/backoff.ts';
import type { Notifier } from '../runtime/notifier.ts';
import type { Time } from '../runtime/time.ts';
import { isOwnershipLost, type Ownership } from './ownership.ts';

export interface PersistOptions {
  readonly recorder: Recorder;
  readonly store: LedgerStore;
  /** The ConfigMap as it was read. */
  readonly map: LedgerConfigMap;
  readonly ownership: Ownership;
  /** Whether this process may still write: it leads. */
  readonly allowed: () => boolean;
  /** Opened when there is something to be kept. */
  readonly changed: Notifier;
  /** Opened when something was acknowledged: then it is worth while to write at once. */
  readonly acknowledged: Notifier;
  readonly time: Time;
  readonly recovery: Recovery;
  readonly random: BackoffOptions['random'];
  /** Called if the ledger was emptied, deleted, damaged or replaced, and is written again. */
  readonly onRestored: () => void;
  /** Called when the ledger can't be written, and when it can again. */
  readonly onState: (state: 'failing' | 'back', error?: unknown) => void;
}

/** At most one write in this time, in milliseconds. */
const SOON_MS = 1_000;
/** How long mere progress of a watch may go unwritten. A restart would only replay it. */
const LATER_MS = 300_000;

/** Keeps the ledger's ConfigMap up to date. */
export interface Persister {
  /**
   * Writes after each change, at most once a second, until aborted: at once after an acknowledgement,
   * a second after anything else, which will mostly be acknowledged by then.
   * Rejects with `WithdrawnElsewhere` or `NewerLedger`.
   */
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** Writes now. */
  readonly write: (signal: AbortSignal) => Promise<void>;
  /** A watch has made progress that is worth keeping some time. */
  readonly progressed: () => void;
}

export function persister(options: PersistOptions): Persister {
  const { recorder, store, changed, time } = options;
  let { map } = options;
  let writtenAt = time.steady() - SOON_MS;

  async function write(signal: AbortSignal): Promise<void> {
    writtenAt = time.steady();
    try {
      map = await store.write(serializeLedger(recorder.ledger()), map, signal);
    } catch (error) {
      if (!hasStatus(error, 404, 409)) throw error;
      const found = await takeOver(options, signal);
      const isSpoilt = map.text !== undefined && !found.isOurs;
      map = await store.write(serializeLedger(recorder.ledger()), found.map, signal);
      if (isSpoilt) options.onRestored();
    }
  }

  return {
    run: (signal) => keepWriting(write, { ...options, writtenAt: () => writtenAt }, signal),
    write,
    progressed() {
      if (time.steady() - writtenAt > LATER_MS) changed.notify();
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
    await settled(options, signal);
    await pause(writtenAt() + SOON_MS - time.steady(), options, signal);
    if (signal.aborted) return;
    changed.reset();
    acknowledged.reset();
    const pauseMs = allowed()
      ? await write(signal).then(states.written, states.failed(signal))
      : SOON_MS;
    // What could not be written now is tried again, also if nothing else happens.
    if (pauseMs > 0) changed.notify();
    if (pauseMs > 0) await recovery.pause(pauseMs, signal);
  }
}

/** Waits for an acknowledgement, or a second. */
async function settled(options: PersistOptions, signal: AbortSignal): Promise<void> {
  const either = new AbortController();
  const both = AbortSignal.any([signal, either.signal]);
  await Promise.race([options.acknowledged.notified(both), pause(SOON_MS, options, both)]);
  either.abort();
}

async function pause(ms: number, { time }: PersistOptions, signal: AbortSignal): Promise<void> {
  if (ms > 0) await time.wait(ms, signal).catch(() => undefined);
}

/** Tells when the ledger can't be written and when it can again. Gives how long to pause, in ms. */
function stateChanges({ random, onState }: PersistOptions) {
  const retry = backoff({ baseMs: SOON_MS, capMs: 60_000, random });
  let failing = false;

  function written(): number {
    if (failing) onState('back');
    failing = false;
    retry.succeeded();
    return 0;
  }

  const failed = (signal: AbortSignal) => (error: unknown) => {
    if (isOwnershipLost(error)) throw error;
    if (signal.aborted) return 0;
    if (!failing) onState('failing', error);
    failing = true;
    return SOON_MS + retry.failed();
  };

  return { written, failed };
}

/**
 * Somebody else has changed or deleted the ConfigMap. A leader writes what it knows over it, unless
 * consent has ended there. A leader that was stopped for longer than its lease does not.
 */
async function takeOver(
  { store, ownership, allowed }: PersistOptions,
  signal: AbortSignal,
): Promise<{ readonly map: LedgerConfigMap; readonly isOurs: boolean }> {
  const map = (await store.read(signal)) ?? (await store.create(signal));
  const isOurs = ownership.check(map);
  if (!allowed()) throw new KubeStatusError(409);
  return { map, isOurs };
}
