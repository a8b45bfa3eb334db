import type { Pass } from '../deliver/bisect.ts';
import {
  isContentRefusal,
  PermanentDeliveryError,
  TemporaryDeliveryError,
} from '../deliver/delivery-error.ts';
import { type BackoffOptions, backoff } from '../runtime/backoff.ts';
import type { Time } from '../runtime/time.ts';
import { isNotAllowed } from './delivery.ts';

export interface PausesOptions<Item> {
  readonly time: Pick<Time, 'steady'>;
  readonly random: BackoffOptions['random'];
  /** Called when the endpoint goes, and when it is back. */
  readonly onState: (state: 'away' | 'back', error?: unknown) => void;
  /** Called once for each item that is refused by an endpoint that accepts others. */
  readonly onRefused: (item: Item, error: Error) => void;
}

export interface Pauses<Item> {
  readonly away: () => boolean;
  /** Returns how long to pause after a pass, in milliseconds. */
  readonly after: (pass: Pass<Item>, of: 'fresh' | 'refused') => number;
}

/** After failures that pass: up to a minute. */
const TEMPORARY = { baseMs: 500, capMs: 60_000 };
/** After a refusal of the key or the address, which only people can mend: up to an hour. */
const PERMANENT = { baseMs: 30_000, capMs: 3_600_000 };
/**
 * No pause is longer, whatever the endpoint asks for. It is also what Segment's SDK waits at most. An
 * endless one would keep events for as long as somebody's proxy likes.
 */
const LONGEST_ASKED_MS = 300_000;
/** A name that has not been found for an hour is looked up some five minutes apart. Milliseconds. */
const LOST_NAME = { afterMs: 3_600_000, pauseMs: 300_000 };

/** Decides whether the endpoint is away, and how long to wait for it. */
export function pauses<Item extends object>(options: PausesOptions<Item>): Pauses<Item> {
  const { onState, onRefused } = options;
  const failurePause = failurePauses(options);
  const said = new WeakSet<Item>();
  let away = false;
  /** Whether it has accepted something since it was refused or has failed. */
  let proven = false;

  function fail(error: unknown): number {
    if (isNotAllowed(error)) return failurePause.failed(error);
    if (!away) onState('away', error);
    away = true;
    proven = false;
    return failurePause.failed(error);
  }

  function succeed(): void {
    if (away) onState('back');
    away = false;
    proven = true;
    failurePause.succeeded();
  }

  function say(found: Pass<Item>['found']): void {
    for (const { item, error } of found) {
      if (!said.has(item)) onRefused(item, error);
      said.add(item);
    }
  }

  /** Nothing was accepted. A single event, after others were accepted, says nothing of the next. */
  function refuse(found: Pass<Item>['found']): number {
    if (!proven || found.length > 1) return fail(found[0]?.error);
    say(found);
    proven = false;
    return 0;
  }

  function after(pass: Pass<Item>, of: 'fresh' | 'refused'): number {
    const { accepted, found, failure } = pass;
    if (accepted > 0) succeed();
    const decided = accepted > 0 || of === 'refused' || found.length === 0;
    if (decided && proven) say(found);
    if (failure !== undefined) return fail(failure);
    return decided ? 0 : refuse(found);
  }

  return { away: () => away, after };
}

function failurePauses({ time, random }: Pick<PausesOptions<object>, 'time' | 'random'>) {
  const temporary = backoff({ ...TEMPORARY, random });
  // A refusal is not asked again soon, whatever the dice say.
  const permanent = backoff({ ...PERMANENT, random: () => (1 + random()) / 2 });
  let lostSince: number | undefined;

  function failed(error: unknown): number {
    lostSince = isLostName(error) ? (lostSince ?? time.steady()) : undefined;
    if (error instanceof PermanentDeliveryError && !isContentRefusal(error)) {
      return permanent.failed();
    }
    const lost = lostSince !== undefined && time.steady() - lostSince >= LOST_NAME.afterMs;
    if (lost) return LOST_NAME.pauseMs * (1 + random() / 5);
    return Math.max(askedMs(error), temporary.failed());
  }

  return {
    failed,
    succeeded() {
      lostSince = undefined;
      temporary.succeeded();
      permanent.succeeded();
    },
  };
}

function isLostName(error: unknown): boolean {
  return error instanceof TemporaryDeliveryError && error.unresolved;
}

function askedMs(error: unknown): number {
  const asked = error instanceof TemporaryDeliveryError ? error.retryAfterMs : undefined;
  return Math.min(asked ?? 0, LONGEST_ASKED_MS);
}
