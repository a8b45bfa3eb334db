import type { Time } from '../runtime/time.ts';
import { hasStatus } from './errors.ts';
import { type Lease, type LeaseSpec, type LeaseStore, microTime } from './lease.ts';
import type { Recovery } from './recovery.ts';
import { retryAfterMs } from './retry-pause.ts';
import { readClocks, release, renew, sinceRenewal, type Term } from './term.ts';

/** What the leader may ask before it does what only a leader may do. */
export interface Leadership {
  /** `false` from the moment at which somebody else may have become the leader. */
  readonly holds: () => boolean;
}

/** What only one replica does. It blocks until aborted, or until it has no more to do. */
export type Lead = (leadership: Leadership, signal: AbortSignal) => Promise<void>;

export interface ElectOptions {
  readonly store: LeaseStore;
  /** The name under which this process holds the lease. No other living process may have it. */
  readonly identity: string;
  readonly time: Time;
  readonly recovery: Recovery;
  /** In [0, 1). */
  readonly random: () => number;
  /** Called when this replica begins to lead, ceases to, or sees that another one leads. */
  readonly onState: (state: 'leading' | 'following' | 'lost') => void;
  /** Called when the Lease can't be read or written. */
  readonly onTrouble: (error: unknown) => void;
  /** Called each time that the Lease could be read or written. */
  readonly onSuccess: () => void;
}

/** How long a lease lasts that is not renewed. */
const DURATION_MS = 15_000;
/** No lease lasts longer, whatever stands in it. */
const MAX_DURATION_MS = 300_000;
/** How often the leader renews it. */
const RENEW_MS = 5_000;
/** A leader whose lease was not renewed for so long steps down once its attempt has failed. */
const GIVE_UP_MS = 10_000;
/** How often the others look, and how soon a failed renewal is tried again. */
const RETRY_MS = 2_000;

/**
 * Runs `lead` in one replica at a time, elected by a Lease as client-go does it: whether another
 * one's lease has run out is judged by the local time since it last changed, never by comparing
 * clocks. A leader that was stopped for longer than its lease finds `holds()` false before anything
 * else, and is aborted.
 *
 * Resolves when aborted, after the lease was given back, or when `lead` resolves. Rejects as `lead`.
 *
 * @see https://pkg.go.dev/k8s.io/client-go/tools/leaderelection
 */
export async function elect(lead: Lead, options: ElectOptions, signal: AbortSignal): Promise<void> {
  for (;;) {
    const term = await acquire(options, signal);
    if (!term) return;
    options.onState('leading');
    const lost = await leadWhileHeld(lead, { ...options, term }, signal);
    if (!lost) return await release({ ...options, term });
    options.onState('lost');
  }
}

/** Tries until the lease is ours. `undefined` when aborted. */
async function acquire(options: ElectOptions, signal: AbortSignal): Promise<Term | undefined> {
  const { time, random, onTrouble } = options;
  const seen = { resourceVersion: '', at: 0, held: false };
  while (!signal.aborted) {
    const pauseMs = RETRY_MS * (1 + random() / 5);
    try {
      const term = await tryOnce(options, seen, signal);
      if (term) return term;
      await time.wait(pauseMs, signal).catch(() => undefined);
    } catch (error) {
      // A 409 says that another replica was faster.
      if (!signal.aborted && !hasStatus(error, 409)) onTrouble(error);
      await pauseAfter(error, { ...options, pauseMs }, signal);
    }
  }
  return undefined;
}

/** Waits after a failure: until the API server is back, but for as long as it asks to. */
async function pauseAfter(
  error: unknown,
  { time, recovery, pauseMs }: ElectOptions & { readonly pauseMs: number },
  signal: AbortSignal,
): Promise<void> {
  const serverPauseMs = Math.min(retryAfterMs(error), DURATION_MS);
  if (serverPauseMs > 0) await time.wait(serverPauseMs, signal).catch(() => undefined);
  await recovery.pause(Math.max(0, pauseMs - serverPauseMs), signal);
}

/** The Lease as it was last seen, and when it was first seen so by the local clock. */
interface Seen {
  resourceVersion: string;
  at: number;
  /** It had a holder, now or earlier. */
  held: boolean;
}

async function tryOnce(
  options: ElectOptions,
  seen: Seen,
  signal: AbortSignal,
): Promise<Term | undefined> {
  const { store, time, onState, onSuccess } = options;
  const lease = await store.read(signal);
  if (lease && lease.resourceVersion !== seen.resourceVersion) {
    Object.assign(seen, { resourceVersion: lease.resourceVersion, at: time.steady() });
  }
  seen.held ||= Boolean(lease?.spec.holderIdentity);
  if (isFree(lease, seen, options)) {
    const term = await takeLease(options, lease, signal);
    onSuccess();
    return term;
  }
  onSuccess();
  onState('following');
  return undefined;
}

function isFree(lease: Lease | undefined, seen: Seen, { identity, time }: ElectOptions): boolean {
  if (!lease) return true;
  const { holderIdentity: holder } = lease.spec;
  // Emptied by somebody else, it is its holder's until that one had the time to fill it again.
  const isHeld = holder === undefined ? seen.held : holder !== '' && holder !== identity;
  return !isHeld || time.steady() - seen.at > durationMs(lease.spec);
}

/** How long the holder of a Lease has said that it lasts. It may have been edited. */
function durationMs({ leaseDurationSeconds }: LeaseSpec): number {
  const ms = Number(leaseDurationSeconds ?? Number.NaN) * 1000;
  return ms > 0 ? Math.min(ms, MAX_DURATION_MS) : DURATION_MS;
}

async function takeLease(
  { store, identity, time }: ElectOptions,
  lease: Lease | undefined,
  signal: AbortSignal,
): Promise<Term> {
  const renewed = readClocks(time);
  const spec = {
    holderIdentity: identity,
    leaseDurationSeconds: DURATION_MS / 1000,
    acquireTime: microTime(renewed.now),
    renewTime: microTime(renewed.now),
    leaseTransitions: (lease?.spec.leaseTransitions ?? -1) + 1,
  };
  const taken = lease ? store.write(spec, lease, signal) : store.create(spec, signal);
  return { lease: await taken, lost: false, renewedAt: renewed, sentAt: renewed };
}

interface LeadingOptions extends ElectOptions {
  readonly term: Term;
}

/** Leads for as long as the lease is renewed. Resolves with whether the lease was lost. */
async function leadWhileHeld(
  lead: Lead,
  options: LeadingOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const { term, time } = options;
  const stop = new AbortController();
  const stopped = AbortSignal.any([signal, stop.signal]);
  const holds = () => !term.lost && sinceRenewal(term, time) < DURATION_MS;
  const leading = lead({ holds }, stopped).finally(() => stop.abort());
  const renewing = renewUntilLost(options, stopped).finally(() => stop.abort());
  await Promise.all([leading, renewing]);
  return term.lost;
}

/** Renews until aborted or until the lease is lost. */
async function renewUntilLost(options: LeadingOptions, signal: AbortSignal): Promise<void> {
  const { term, time } = options;
  await time.wait(RENEW_MS, signal).catch(() => undefined);
  while (!term.lost && !signal.aborted) {
    const error = await renew(options, signal);
    if (signal.aborted) return;
    term.lost ||= sinceRenewal(term, time) > GIVE_UP_MS;
    if (term.lost) return;
    if (error) await pauseAfter(error, { ...options, pauseMs: RETRY_MS }, signal);
    else await time.wait(RENEW_MS, signal).catch(() => undefined);
  }
}
