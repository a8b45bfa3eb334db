import type { Time } from '../runtime/time.ts';
import { hasStatus, MissingObjectError } from './errors.ts';
import { type Lease, type LeaseStore, microTime } from './lease.ts';

/**
 * How long one renewal may take. Two that are not answered, the second on another connection, have
 * ended before somebody else may take the lease: 5 + 3, 2 + 3 seconds.
 */
const ATTEMPT_MS = 3_000;
/** How long the leader may take to give the lease back when it stops. */
const RELEASE_MS = 2_000;

/** One time in office. */
export interface Term {
  lease: Lease;
  lost: boolean;
  /** When the last renewal was sent off that is known to have arrived. */
  renewedAt: ClockReading;
  /** When the last one was sent off, whatever became of it. */
  sentAt: ClockReading;
}

/** By both clocks: one may stand still, the other jump. */
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
  /** Called each time that the Lease could be read or written. */
  readonly onSuccess: () => void;
  readonly term: Term;
}

/** In milliseconds. */
export function sinceRenewal({ renewedAt: renewed }: Term, time: Time): number {
  return Math.max(time.steady() - renewed.steady, time.now() - renewed.now);
}

/** Renews the lease once. Returns the error, unless it is known to have been renewed. */
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
  /** When the renewal before this one was sent off. */
  readonly before: ClockReading;
}

/**
 * After a refusal: whether somebody else holds the lease, somebody only touched its labels, the
 * renewal before has arrived, though its answer has not, or somebody has emptied or deleted the Lease. An
 * update of one that is not there is refused with a 403 by the API server, as it would create it.
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
 * Somebody has deleted the Lease, or emptied it as `kubectl replace` does with what a chart renders. (A
 * leader that gives it back leaves an empty holder in it.) As long as nobody else has taken it, it is
 * ours.
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

/** Gives the lease back, so that the next leader need not wait for it to run out. */
export async function release(options: TermOptions): Promise<void> {
  const { store, identity, time, term } = options;
  const spec = { holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTime(time.now()) };
  const limit = time.deadline(RELEASE_MS);
  const giveBack = async (lease: Lease) => void (await store.write(spec, lease, limit));
  await giveBack(term.lease).catch(async () => {
    // A renewal that was cut off may have reached the server all the same.
    const lease = await store.read(limit).catch(() => undefined);
    if (lease?.spec.holderIdentity === identity) await giveBack(lease).catch(() => undefined);
  });
}
