import type { Time } from '../runtime/time.ts';
import { hasStatus, MissingObjectError } from './errors.ts';
import { type Lease, type LeaseStore, microTime } from './lease.ts';

/**
 * How long one renewal may take, in milliseconds. Two renewals without a response, the second on
 * another connection, end before another replica may take the lease: 5 + 3, 2 + 3 seconds.
 */
const ATTEMPT_MS = 3_000;
/** How long releasing the lease may take when the leader stops, in milliseconds. */
const RELEASE_MS = 2_000;

/** One period of leadership. */
export interface Term {
  lease: Lease;
  lost: boolean;
  /** When the last successful renewal was sent. */
  renewedAt: ClockReading;
  /** When the last renewal was sent, whatever its outcome. */
  sentAt: ClockReading;
}

/** A time by both clocks: the steady clock may stop during suspend, the wall clock may jump. */
export interface ClockReading {
  readonly steady: number;
  readonly now: number;
}

export function readClocks(time: Time): ClockReading {
  return { steady: time.steady(), now: time.now() };
}

export interface TermOptions {
  readonly store: LeaseStore;
  readonly identity: string;
  readonly time: Time;
  /** Called when the Lease can't be read or written. */
  readonly onTrouble: (error: unknown) => void;
  /** Called after each successful read or write of the Lease. */
  readonly onSuccess: () => void;
  readonly term: Term;
}

/**
 * Returns the time since the last successful renewal, by the clock that shows more, in
 * milliseconds.
 */
export function sinceRenewal({ renewedAt: renewed }: Term, time: Time): number {
  return Math.max(time.steady() - renewed.steady, time.now() - renewed.now);
}

/** Renews the lease once. Returns the error, or `undefined` if the lease was renewed. */
export async function renew(options: TermOptions, signal: AbortSignal): Promise<unknown> {
  const { store, term, time, onTrouble, onSuccess } = options;
  const before = term.sentAt;
  term.sentAt = readClocks(time);
  const limit = AbortSignal.any([signal, time.deadline(ATTEMPT_MS)]);
  try {
    term.lease = await store.write({ renewTime: microTime(term.sentAt.now) }, term.lease, limit);
    term.renewedAt = term.sentAt;
    onSuccess();
    return undefined;
  } catch (error) {
    if (!hasStatus(error, 403, 409) && !(error instanceof MissingObjectError)) {
      if (!signal.aborted) onTrouble(error);
      return error;
    }
    return await recheck(error, { ...options, before }, limit);
  }
}

interface RecheckOptions extends TermOptions {
  /** When the previous renewal was sent. */
  readonly before: ClockReading;
}

/**
 * Reads the Lease after a refused renewal. Possible causes: another replica holds it, only its
 * labels have changed, the previous renewal succeeded but its response was lost, or the Lease was
 * emptied or deleted. The API server refuses the update of a missing Lease with a 403, because it
 * would create it.
 */
async function recheck(refusal: unknown, options: RecheckOptions, signal: AbortSignal) {
  const { store, term, identity, before, onTrouble } = options;
  try {
    const lease = await store.read(signal);
    if (lease?.spec.holderIdentity === undefined) return await restoreLease(lease, options, signal);
    if (lease.spec.holderIdentity !== identity) term.lost = true;
    else {
      term.lease = lease;
      if (lease.spec.renewTime === microTime(before.now)) term.renewedAt = before;
    }
    if (!hasStatus(refusal, 409)) onTrouble(refusal);
  } catch (error) {
    if (!hasStatus(refusal, 409) && !signal.aborted) onTrouble(error);
  }
  return refusal;
}

/**
 * Restores a Lease that was deleted, or emptied by `kubectl replace` with a rendered chart. It
 * still belongs to this leader unless another replica has taken it. (A released Lease is different:
 * its holder is an empty text.)
 */
async function restoreLease(
  lease: Lease | undefined,
  { store, term, onSuccess }: TermOptions,
  signal: AbortSignal,
): Promise<undefined> {
  const spec = { ...term.lease.spec, renewTime: microTime(term.sentAt.now) };
  term.lease = lease ? await store.write(spec, lease, signal) : await store.create(spec, signal);
  term.renewedAt = term.sentAt;
  onSuccess();
}

/** Releases the lease, so that the next leader can take it before it expires. Never rejects. */
export async function release(options: TermOptions): Promise<void> {
  const { store, identity, time, term } = options;
  const spec = { holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(time.now()) };
  const limit = time.deadline(RELEASE_MS);
  const clearHolder = async (lease: Lease) => void (await store.write(spec, lease, limit));
  await clearHolder(term.lease).catch(async () => {
    // An aborted renewal may still have reached the server and changed the Lease.
    const lease = await store.read(limit).catch(() => undefined);
    if (lease?.spec.holderIdentity === identity) await clearHolder(lease).catch(() => undefined);
  });
}
