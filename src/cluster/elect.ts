import type { Time } from '../runtime/time.ts';
import { hasStatus } from './errors.ts';
import type { Lease, LeaseSpec, LeaseStore } from './lease.ts';
import type { Recovery } from './recovery.ts';
import { retryAfterMs } from './retry-pause.ts';
import { DURATION_MS, release, renew, sinceRenewal, type Term, takeLease } from './term.ts';

/** Lets the leader check its lease before each action that only a leader may take. */
export interface Leadership {
  /** Returns `false` from the moment when another replica may have become the leader. */
  readonly holds: () => boolean;
}

/** The work of the leader. Blocks until aborted, or until there is nothing left to do. */
export type Lead = (leadership: Leadership, signal: AbortSignal) => Promise<void>;

export interface ElectOptions {
  readonly store: LeaseStore;
  /** The holder name of this process in the lease. Must be unique among running processes. */
  readonly identity: string;
  readonly time: Time;
  readonly recovery: Recovery;
  /** In [0, 1). */
  readonly random: () => number;
  /** Called when this replica begins to lead, stops leading, or sees that another replica leads. */
  readonly onState: (state: 'leading' | 'following' | 'lost') => void;
  /** Called when the Lease can't be read or written. */
  readonly onTrouble: (error: unknown) => void;
  /** Called after each successful read or write of the Lease. */
  readonly onSuccess: () => void;
}

/** The limit of a lease's duration, whatever its spec says. */
const MAX_DURATION_MS = 300_000;
/** How often the leader renews it. */
const RENEW_MS = 5_000;
/** A leader steps down when an attempt fails this long after the last renewal. */
const GIVE_UP_MS = 10_000;
/** How often followers check the lease, and how soon a failed renewal is retried. */
const RETRY_MS = 2_000;
/** How soon to check the lease again after another writer was faster. */
const CONFLICT_MS = 200;

/**
 * Runs `lead` in one replica at a time, elected by a Lease as in client-go. Another replica's lease
 * has expired if its spec has not changed for its duration in local time; clocks are never compared.
 * After a leader was suspended for longer than its lease, `holds()` is `false` before anything else
 * runs, and `lead` is aborted.
 *
 * Resolves when aborted or when `lead` resolves, after releasing the lease. Rejects as `lead`.
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

/** Retries until this replica holds the lease. Resolves with `undefined` when aborted. */
async function acquire(options: ElectOptions, signal: AbortSignal): Promise<Term | undefined> {
  const { time, random } = options;
  const observed = { record: '', at: 0, held: false };
  while (!signal.aborted) {
    const pauseMs = RETRY_MS * (1 + random() / 5);
    try {
      const term = await tryAcquire(options, observed, signal);
      if (term) return term;
      await time.wait(pauseMs, signal).catch(() => undefined);
    } catch (error) {
      await afterFailure(error, { ...options, pauseMs }, signal);
    }
  }
  return undefined;
}

interface PauseOptions extends ElectOptions {
  readonly pauseMs: number;
}

/** Reports a failed attempt to acquire the lease, and waits. */
async function afterFailure(
  error: unknown,
  options: PauseOptions,
  signal: AbortSignal,
): Promise<void> {
  const { time, onTrouble } = options;
  if (hasStatus(error, 409)) return await time.wait(CONFLICT_MS, signal).catch(() => undefined);
  if (!signal.aborted) onTrouble(error);
  await pauseAfter(error, options, signal);
}

/** Waits after a failure until the API server is back, but at least for the pause it requested. */
async function pauseAfter(
  error: unknown,
  { time, recovery, pauseMs }: PauseOptions,
  signal: AbortSignal,
): Promise<void> {
  const serverPauseMs = Math.min(retryAfterMs(error), DURATION_MS);
  if (serverPauseMs > 0) await time.wait(serverPauseMs, signal).catch(() => undefined);
  await recovery.pause(Math.max(0, pauseMs - serverPauseMs), signal);
}

/** The last observed state of the Lease, and when it was first observed by the local clock. */
interface ObservedLease {
  /** What a holder writes. Others may change labels and annotations. */
  record: string;
  at: number;
  /** Whether it has or had a holder. */
  held: boolean;
}

async function tryAcquire(
  options: ElectOptions,
  observed: ObservedLease,
  signal: AbortSignal,
): Promise<Term | undefined> {
  const { store, time, onState, onSuccess } = options;
  const lease = await store.read(signal);
  const record = lease && JSON.stringify(lease.spec);
  if (record !== undefined && record !== observed.record) {
    Object.assign(observed, { record, at: time.steady() });
  }
  observed.held ||= Boolean(lease?.spec.holderIdentity);
  if (isFree(lease, observed, options)) {
    const term = await takeLease(options, lease, signal);
    onSuccess();
    return term;
  }
  onSuccess();
  onState('following');
  return undefined;
}

function isFree(
  lease: Lease | undefined,
  observed: ObservedLease,
  { identity, time }: ElectOptions,
): boolean {
  if (!lease) return true;
  const { holderIdentity: holder } = lease.spec;
  // An emptied Lease still belongs to its holder until that one had time to restore it.
  const isHeld = holder === undefined ? observed.held : holder !== '' && holder !== identity;
  return !isHeld || time.steady() - observed.at > durationMs(lease.spec);
}

/** Returns the duration in a Lease's spec, within limits: it may have been edited. */
function durationMs({ leaseDurationSeconds }: LeaseSpec): number {
  const ms = Number(leaseDurationSeconds ?? Number.NaN) * 1000;
  return ms > 0 ? Math.min(ms, MAX_DURATION_MS) : DURATION_MS;
}

interface LeadingOptions extends ElectOptions {
  readonly term: Term;
}

/** Leads while the lease is renewed. Resolves with whether the lease was lost. */
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
