import type { Pass } from '../../deliver/bisect.ts';
import {
  isContentRefusal,
  PermanentDeliveryError,
  TemporaryDeliveryError,
} from '../../deliver/delivery-error.ts';
import { type BackoffOptions, backoff, halfJitter } from '../../runtime/backoff.ts';
import type { Time } from '../../runtime/time.ts';
import { isNotAllowed } from './delivery.ts';
import type { OutboxPass } from './outbox.ts';

export interface PausesOptions<Item> {
  readonly time: Pick<Time, 'steady'>;
  readonly random: BackoffOptions['random'];
  /**
   * Called when the endpoint becomes unavailable, and when it accepts all that is sent again. Called once more
   * for an outage that becomes permanent, or temporary.
   */
  readonly onState: (state: 'unavailable' | 'available', error?: unknown) => void;
  /** Called once for each item that an endpoint refuses while it accepts others. */
  readonly onRefused: (item: Item, error: Error) => void;
}

export interface Pauses<Item> {
  readonly unavailable: () => boolean;
  /** Returns whether it is unavailable and has accepted nothing since its last failure. */
  readonly probing: () => boolean;
  /** Returns how long to pause after a pass, in milliseconds. */
  readonly after: (pass: OutboxPass<Item>, of: 'fresh' | 'refused') => number;
}

/** After a temporary failure: up to a minute. */
const TEMPORARY = { baseMs: 500, capMs: 60_000 };
/** After a refusal of the key or the address, which only people can repair: up to an hour. */
const PERMANENT = { baseMs: 30_000, capMs: 3_600_000 };
/**
 * The longest `Retry-After` that is obeyed, in milliseconds, as in Segment's SDK. Without a limit, a
 * misconfigured proxy could stop delivery for ever.
 */
const MAX_RETRY_AFTER_MS = 300_000;
/** After an hour without DNS resolution, the pause is about five minutes. Milliseconds. */
const UNRESOLVED = { afterMs: 3_600_000, pauseMs: 300_000 };

/** Decides whether the endpoint is unavailable, and how long to pause after each pass. */
export function pauses<Item extends object>(options: PausesOptions<Item>): Pauses<Item> {
  const { onState, onRefused } = options;
  const failurePause = failurePauses(options);
  const reported = new WeakSet<Item>();
  /** What was reported of the current outage: whether a failure was permanent. Empty while there is none. */
  const outage = new Set<boolean>();
  const unavailable = () => outage.size > 0;
  /** Whether the endpoint has accepted an item since its last failure or refusal. */
  let accepting = false;

  function fail(error: unknown): number {
    if (isNotAllowed(error)) return failurePause.failed(error);
    const isPermanent = error instanceof PermanentDeliveryError;
    if (!outage.has(isPermanent)) onState('unavailable', error);
    outage.add(isPermanent);
    accepting = false;
    return failurePause.failed(error);
  }

  function succeed(isFull: boolean): void {
    recover(isFull);
    accepting = true;
    failurePause.succeeded();
  }

  /** An endpoint that accepts few events may still fail over many. It is available once it does not. */
  function recover(isFull: boolean): void {
    if (!unavailable() || !isFull) return;
    onState('available');
    outage.clear();
  }

  function report(found: Pass<Item>['found']): void {
    for (const { item, error } of found) {
      if (!reported.has(item)) onRefused(item, error);
      reported.add(item);
    }
  }

  /** No item was accepted. One refusal after an acceptance does not mean that the next is refused. */
  function refuse({ found, isFull }: OutboxPass<Item>): number {
    if (!accepting || found.length > 1) return fail(found[0]?.error);
    recover(isFull);
    report(found);
    accepting = false;
    return 0;
  }

  function after(pass: OutboxPass<Item>, of: 'fresh' | 'refused'): number {
    const { accepted, found, failure } = pass;
    if (accepted > 0) succeed(pass.isFull);
    const decided = accepted > 0 || of === 'refused' || found.length === 0;
    if (decided && accepting) report(found);
    if (failure !== undefined) return fail(failure);
    return decided ? 0 : refuse(pass);
  }

  return {
    unavailable,
    probing: () => unavailable() && !accepting,
    after,
  };
}

function failurePauses({ time, random }: Pick<PausesOptions<object>, 'time' | 'random'>) {
  const temporary = backoff({ ...TEMPORARY, random });
  // Jitter at most halves a pause, so that a refused request is not repeated soon.
  const permanent = backoff({ ...PERMANENT, random: halfJitter(random) });
  let unresolvedSince: number | undefined;

  function failed(error: unknown): number {
    unresolvedSince = isUnresolved(error) ? (unresolvedSince ?? time.steady()) : undefined;
    if (error instanceof PermanentDeliveryError && !isContentRefusal(error)) {
      return permanent.failed();
    }
    const isLong =
      unresolvedSince !== undefined && time.steady() - unresolvedSince >= UNRESOLVED.afterMs;
    if (isLong) return UNRESOLVED.pauseMs * (1 + random() / 5);
    return Math.max(retryAfterMs(error), temporary.failed());
  }

  return {
    failed,
    succeeded() {
      unresolvedSince = undefined;
      temporary.succeeded();
      permanent.succeeded();
    },
  };
}

function isUnresolved(error: unknown): boolean {
  return error instanceof TemporaryDeliveryError && error.unresolved;
}

function retryAfterMs(error: unknown): number {
  const requested = error instanceof TemporaryDeliveryError ? error.retryAfterMs : undefined;
  return Math.min(requested ?? 0, MAX_RETRY_AFTER_MS);
}
