import type { Time } from '../runtime/time.ts';
import { hasStatus, MissingObjectError } from './errors.ts';
import { type Lease, type LeaseStore, microTime } from './lease.ts';

/** How long a lease is valid without renewal, in milliseconds. */
export const DURATION_MS = 15_000;
/**
 * How long one renewal may take, in milliseconds. Two renewals without a response, the second on
 * another connection, end before another replica may take the lease: 5 + 3, 2 + 3 seconds.
 */
const ATTEMPT_MS = 3_000;
/** How long releasing the lease may take when the leader stops, in milliseconds. */
const RELEASE_MS = 2_000;
/** The API server refuses larger numbers. */
const MAX_TRANSITIONS = 2 ** 31 - 1;
/**
 * How often a write is repeated immediately, over the Lease as read again, after another writer has
 * changed it: a controller may annotate the Lease every second.
 */
const CONFLICTS = 5;

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

/**
 * Writes this replica into the Lease, or into a new one. Rejects with a `KubeStatusError` 409 if
 * another writer was faster.
 */
export async function takeLease(
  { store, identity, time }: Pick<TermOptions, 'store' | 'identity' | 'time'>,
  lease: Lease | undefined,
  signal: AbortSignal,
): Promise<Term> {
  const renewed = readClocks(time);
  const spec = {
    holderIdentity: identity,
    leaseDurationSeconds: DURATION_MS / 1000,
    acquireTime: microTime(renewed.now),
    renewTime: microTime(renewed.now),
    leaseTransitions: Math.min((lease?.spec.leaseTransitions ?? -1) + 1, MAX_TRANSITIONS),
  };
  const taken = lease ? store.write(spec, lease, signal) : store.create(spec, signal);
  return { lease: await taken, lost: false, renewedAt: renewed, sentAt: renewed };
}

/** Renews the lease. Returns the error, or `undefined` if the lease was renewed. */
export async function renew(options: TermOptions, signal: AbortSignal): Promise<unknown> {
  const { term, time } = options;
  const renewing = { ...options, before: term.sentAt };
  term.sentAt = readClocks(time);
  const limit = AbortSignal.any([signal, time.deadline(ATTEMPT_MS)]);
  let error = await tryRenew(renewing, limit, signal);
  for (let left = CONFLICTS; left > 0 && hasStatus(error, 409) && !term.lost; left -= 1) {
    error = await tryRenew(renewing, limit, signal);
  }
  return error;
}

interface RenewOptions extends TermOptions {
  /** When the previous renewal was sent. */
  readonly before: ClockReading;
}

async function tryRenew(
  options: RenewOptions,
  limit: AbortSignal,
  signal: AbortSignal,
): Promise<unknown> {
  const { store, term, onTrouble, onSuccess } = options;
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
    return await recheck(error, options, limit);
  }
}

/**
 * Reads the Lease after a refused renewal. Returns the refusal, the error if the Lease could not be
 * read, or `undefined` if the Lease was restored.
 *
 * Possible causes: another replica holds it, another writer has changed its labels, the previous
 * renewal succeeded but its response was lost, or the Lease was emptied or deleted. The API server
 * refuses the update of a missing Lease with a 403, because it would create it.
 */
async function recheck(refusal: unknown, options: RenewOptions, signal: AbortSignal) {
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
    return refusal;
  } catch (error) {
    if (!hasStatus(refusal, 409) && !signal.aborted) onTrouble(error);
    return error;
  }
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
  let lease: Lease | undefined = term.lease;
  for (let left = CONFLICTS; lease !== undefined && left >= 0; left -= 1) {
    const isReleased = await store.write(spec, lease, limit).then(
      () => true,
      () => false,
    );
    if (isReleased) return;
    // An aborted renewal may have reached the server, or another writer has changed the Lease.
    const found = await store.read(limit).catch(() => undefined);
    lease = found?.spec.holderIdentity === identity ? found : undefined;
  }
}
