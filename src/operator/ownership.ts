import type { LedgerConfigMap, LedgerStore } from '../cluster/ledger-configmap.ts';
import { readClocks } from '../cluster/term.ts';
import type { Fetch } from '../deliver/outbound.ts';
import { parseLedger } from '../record/ledger-json.ts';
import type { Run } from '../runtime/run.ts';
import type { Time } from '../runtime/time.ts';
import { NotAllowedError } from './delivery.ts';
import { aborted } from './dependencies.ts';
import { isForeign, NewerLedger } from './stored-ledger.ts';

/** Another replica has ended the consent under which this process records and sends. */
export class WithdrawnElsewhere extends Error {
  /** Whether the ledger says that telemetry is on again, under another consent. */
  readonly onAgain: boolean;

  constructor({ onAgain }: { readonly onAgain: boolean }) {
    super(onAgain ? 'the ledger has another consent' : 'the ledger says that telemetry is off');
    this.onAgain = onAgain;
  }
}

/** Whether an error says that the ledger is no longer this process's to write. */
export function isOwnershipLost(error: unknown): boolean {
  return error instanceof WithdrawnElsewhere || error instanceof NewerLedger;
}

/** Whether the ledger still has the consent under which a process records and sends. */
export interface Ownership {
  /** `false` from the moment at which a check has failed. */
  readonly holds: () => boolean;
  /**
   * Judges the ledger as it was read: whether it has what this process wrote, or another replica under
   * the same consent. Throws `WithdrawnElsewhere` or `NewerLedger` if it is no longer
   * this process's. Returns `false` for one that is absent, empty, damaged or another cluster's: it
   * says nothing, and this process writes it again. But off is off, whichever cluster it names.
   */
  readonly check: (map: LedgerConfigMap | undefined) => boolean;
}

export interface OwnershipOptions {
  /** The mark of the consent under which the process records and sends. */
  readonly since: string;
  /** The id of this cluster. */
  readonly cluster: string;
}

/** Ownership of the ledger under one consent. */
export function ownership(options: OwnershipOptions): Ownership {
  let lost = false;
  return {
    holds: () => !lost,
    check(map) {
      const verdict = judged(map, options);
      if (!(verdict instanceof Error)) return verdict;
      // Before anything is aborted: what is sent or written asks `holds()` first.
      lost = true;
      throw verdict;
    },
  };
}

function judged(
  map: LedgerConfigMap | undefined,
  { since, cluster }: OwnershipOptions,
): Error | boolean {
  const reading = map?.text === undefined ? undefined : parseLedger(map.text);
  if (reading?.found === 'newer') return new NewerLedger(`it is of version ${reading.version}`);
  if (reading?.found !== 'ledger') return false;
  const { ledger } = reading;
  if (ledger.consent === 'off') return new WithdrawnElsewhere({ onAgain: false });
  if (isForeign(ledger, { cluster })) return false;
  return ledger.since === since || new WithdrawnElsewhere({ onAgain: true });
}

export interface LedgerCheckOptions {
  readonly store: Pick<LedgerStore, 'read'>;
  readonly ownership: Ownership;
  /** Whether anything may leave at this moment, by all that this process knows. */
  readonly allowed: () => boolean;
  readonly time: Time;
  /** Called if the ledger has to be written again: it was emptied, deleted, damaged or replaced. */
  readonly onUnusable: () => void;
  /** Called when the ledger can't be read. */
  readonly onTrouble: (error: unknown) => void;
  /** Called when it was read. */
  readonly onSuccess: () => void;
}

export interface LedgerCheck {
  /**
   * Wraps `fetch` so that each request leaves just after the ledger was read and found unchanged in
   * its consent. Rejects with `NotAllowedError` otherwise, also if the ledger can't be read.
   */
  readonly guard: (fetch: Fetch) => Fetch;
  /** Rejects with `WithdrawnElsewhere` or `NewerLedger` as soon as a check has found that. */
  readonly run: Run;
}

/** How long one read may take, in milliseconds. */
const READ_MS = 5_000;
/** How often the ledger is read again while a request is under way, in milliseconds. */
const AGAIN_MS = 5_000;
/** After this time, in milliseconds, what was read is too old: the process was stopped in between. */
const STALE_MS = 10_000;

/**
 * Reads the ledger before each request to the endpoint. Replicas see a change of their configuration
 * up to minutes apart, and only the ledger says what another one has already seen.
 *
 * The read asks for no resourceVersion, so the API server answers with the latest.
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
      await time.wait(AGAIN_MS, signal).catch(() => undefined);
      if (!signal.aborted) await passes(signal);
    }
  }

  return {
    guard: (fetch) =>
      async function fetchIfOurs(url, init) {
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
