import type { LedgerConfigMap, LedgerStore } from '../cluster/ledger-configmap.ts';
import { readClocks } from '../cluster/term.ts';
import type { Fetch } from '../deliver/outbound.ts';
import type { Ledger } from '../record/ledger.ts';
import { parseLedger } from '../record/ledger-json.ts';
import { isLaterConsent } from '../record/since.ts';
import { aborted, type Run } from '../runtime/run.ts';
import type { Time } from '../runtime/time.ts';
import { NotAllowedError } from './outbox/delivery.ts';
import { isForeign, NewerLedger } from './stored-ledger.ts';

/** Another replica has ended the consent that this process holds. */
export class WithdrawnElsewhere extends Error {
  /** The ledger's `since`. */
  readonly since: string;
  /** Whether the ledger has a new consent, so that telemetry is on again. */
  readonly onAgain: boolean;

  constructor({ since, consent }: Pick<Ledger, 'since' | 'consent'>) {
    const onAgain = consent === 'on';
    super(onAgain ? 'the ledger has another consent' : 'telemetry is off in the ledger');
    this.since = since;
    this.onAgain = onAgain;
  }
}

/** Whether an error means that this process may no longer write the ledger. */
export function isOwnershipLost(error: unknown): boolean {
  return error instanceof WithdrawnElsewhere || error instanceof NewerLedger;
}

/** Whether the ledger is still this process's to write: it has the consent under which the process sends. */
export interface Ownership {
  /** Returns `false` after the first failed check. */
  readonly holds: () => boolean;
  /**
   * Checks a ledger that was read. Returns `true` if it has the consent of this process.
   *
   * Returns `false` if it is absent, empty, damaged, another cluster's or an older copy: this process
   * overwrites it, and may send before that. Throws `NewerLedger`, or `WithdrawnElsewhere` if it has a later
   * consent. A ledger with consent off always counts, whichever cluster it names.
   */
  readonly check: (map: LedgerConfigMap | undefined) => boolean;
}

export interface OwnershipOptions {
  /** The ledger's `since`, which identifies the consent that this process holds. */
  readonly since: string;
  /** The id of this cluster. */
  readonly cluster: string;
}

export function ownership(options: OwnershipOptions): Ownership {
  let lost = false;
  return {
    holds: () => !lost,
    check(map) {
      const verdict = evaluate(map, options);
      if (!(verdict instanceof Error)) return verdict;
      // Set before anything is aborted: each request and each write checks `holds()` first.
      lost = true;
      throw verdict;
    },
  };
}

function evaluate(
  map: LedgerConfigMap | undefined,
  { since, cluster }: OwnershipOptions,
): Error | boolean {
  const reading = map?.text === undefined ? undefined : parseLedger(map.text);
  if (reading?.found === 'newer') return new NewerLedger(`it is of version ${reading.version}`);
  if (reading?.found !== 'ledger') return false;
  const { ledger } = reading;
  if (ledger.consent === 'off') return new WithdrawnElsewhere(ledger);
  if (isForeign(ledger, { cluster })) return false;
  return isLaterConsent(ledger.since, since)
    ? new WithdrawnElsewhere(ledger)
    : ledger.since === since;
}

export interface LedgerCheckOptions {
  readonly store: Pick<LedgerStore, 'read'>;
  readonly ownership: Ownership;
  /** Whether this process allows sending at this moment. */
  readonly allowed: () => boolean;
  readonly time: Time;
  /** Called if the ledger was emptied, deleted, damaged or replaced, so that it must be rewritten. */
  readonly onUnusable: () => void;
  /** Called when a read fails. */
  readonly onTrouble: (error: unknown) => void;
  /** Called when a read succeeds. */
  readonly onSuccess: () => void;
}

export interface LedgerCheck {
  /**
   * Wraps `fetch` so that the ledger is read just before each request. Rejects with
   * `NotAllowedError` if the ledger has another consent, or if the request for it fails.
   */
  readonly guard: (fetch: Fetch) => Fetch;
  /** Rejects with the `WithdrawnElsewhere` or `NewerLedger` of the first check that throws it. */
  readonly run: Run;
}

/** How long one read may take, in milliseconds. */
const READ_MS = 5_000;
/** How often the ledger is read again while a request is in flight, in milliseconds. */
const RECHECK_MS = 5_000;
/** A read that took longer, in milliseconds, is stale: the process was stopped meanwhile. */
const STALE_MS = 10_000;

/**
 * Reads the ledger before each request to the endpoint. Replicas see a change of their configuration
 * up to minutes apart, and the ledger is their only shared state.
 *
 * The read has no resourceVersion, so the API server returns the latest state.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list
 */
export function ledgerCheck(options: LedgerCheckOptions): LedgerCheck {
  const { store, ownership, allowed, time, onUnusable, onTrouble, onSuccess } = options;
  const loss = Promise.withResolvers<never>();
  loss.promise.catch(() => undefined);

  async function passes(signal: AbortSignal): Promise<boolean> {
    const { steady, now } = readClocks(time);
    try {
      const map = await store.read(AbortSignal.any([signal, time.deadline(READ_MS)]));
      if (!ownership.check(map)) onUnusable();
      onSuccess();
    } catch (error) {
      if (isOwnershipLost(error)) loss.reject(error);
      else if (!signal.aborted) onTrouble(error);
      return false;
    }
    return Math.max(time.steady() - steady, time.now() - now) < STALE_MS;
  }

  async function checkAgain(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await time.wait(RECHECK_MS, signal).catch(() => undefined);
      if (!signal.aborted) await passes(signal);
    }
  }

  return {
    guard: (fetch) =>
      async function fetchIfOwned(url, init) {
        const signal = init.signal ?? new AbortController().signal;
        if (!(allowed() && (await passes(signal)) && allowed())) throw new NotAllowedError();
        const done = new AbortController();
        void checkAgain(done.signal);
        try {
          return await fetch(url, init);
        } finally {
          done.abort();
        }
      },
    run: (signal) => Promise.race([loss.promise, aborted(signal)]),
  };
}
