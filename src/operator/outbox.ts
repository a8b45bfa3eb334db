import { MAX_BATCH_EVENTS } from '../deliver/batch-limits.ts';
import { type Attempt, bisect, type Pass } from '../deliver/bisect.ts';
import { isContentRefusal, TemporaryDeliveryError } from '../deliver/delivery-error.ts';
import type { Deliver } from '../event.ts';
import { eventOf, type Occurrence } from '../record/events.ts';
import type { Recorder } from '../record/recorder.ts';
import type { BackoffOptions } from '../runtime/backoff.ts';
import type { Time } from '../runtime/time.ts';
import { isOurs, NotAllowedError } from './guard.ts';
import { type RefusedEvents, refusedEvents } from './refused.ts';

export interface OutboxOptions {
  readonly recorder: Recorder;
  readonly clusterId: string;
  readonly deliver: Deliver;
  /** Whether anything may leave at this moment. */
  readonly allowed: () => boolean;
  readonly time: Time;
  readonly random: BackoffOptions['random'];
  /** Called for each attempt to deliver an event that failed. */
  readonly onFailed: () => void;
}

/** What is pending, and the ways to send it. What is accepted is acknowledged. */
export interface Outbox {
  /** How many events are pending that the endpoint has not refused on their own. */
  readonly fresh: () => number;
  readonly refused: RefusedEvents;
  /** Sends the oldest of them, as many as go together. */
  readonly sendFresh: (signal: AbortSignal) => Promise<Pass<Occurrence>>;
  /** Sends the oldest of them, or the next one if the endpoint has failed over the one before. */
  readonly probe: (signal: AbortSignal) => Promise<Pass<Occurrence>>;
  /** Tries refused ones again. */
  readonly sendRefused: (signal: AbortSignal) => Promise<Pass<Occurrence>>;
}

/** How many are under way at once. */
const AT_ONCE = 1_000;
/** Between two attempts to find out which events are refused, in milliseconds. */
const PAUSE_MS = 25;
/** How many such attempts there are before others have their turn. */
const MAX_ATTEMPTS = 64;
/** How long smaller batches are sent after a 413, in milliseconds. */
const SMALLER_FOR_MS = 3_600_000;

const NOTHING: Pass<Occurrence> = { accepted: 0, largest: 0, found: [], failure: undefined };

export function outbox(options: OutboxOptions): Outbox {
  const { recorder, clusterId, deliver, allowed, time, random, onFailed } = options;
  const refused = refusedEvents({ time, random });
  const limit = { events: AT_ONCE, until: 0 };
  let tooLarge = false;
  let stumbles = 0;

  function fresh(count: number): readonly Occurrence[] {
    const oldest = recorder.pending(count + refused.size());
    return oldest.filter((occurrence) => !refused.has(occurrence)).slice(0, count);
  }

  async function send(items: readonly Occurrence[], signal: AbortSignal) {
    if (items.length === 0) return NOTHING;
    tooLarge = false;
    const pause = () => time.wait(PAUSE_MS, signal).catch(() => undefined);
    const pass = await bisect(items, { attempt, pause, maxAttempts: MAX_ATTEMPTS, signal });
    // Nobody was refused alone: it was the size of the batch.
    if (tooLarge && pass.found.length === 0 && pass.largest > 0) {
      limit.events = Math.min(pass.largest, MAX_BATCH_EVENTS);
      limit.until = time.steady() + SMALLER_FOR_MS;
    }
    return pass;
  }

  async function attempt(items: readonly Occurrence[]): Promise<Attempt<Occurrence>> {
    if (!allowed()) return { ...NOTHING, refused: [], failure: new NotAllowedError() };
    const outcomes = await Promise.allSettled(items.map(deliverOne));
    const failures = outcomes.flatMap((outcome, index) =>
      outcome.status === 'rejected'
        ? [{ item: items[index] as Occurrence, error: outcome.reason as Error }]
        : [],
    );
    countFailures(failures);
    if (items.length > 1) tooLarge ||= failures.some(({ error }) => isTooLarge(error));
    return {
      accepted: items.length - failures.length,
      refused: failures.filter(({ error }) => isRefusal(error)),
      failure: failures.find(({ error }) => !isRefusal(error))?.error,
    };
  }

  function countFailures(failures: Attempt<Occurrence>['refused']): void {
    if (!allowed()) return;
    for (const { error } of failures) if (!isOurs(error)) onFailed();
  }

  /** An endpoint that fails over every event is away, and none of them is to blame. */
  function judged(pass: Pass<Occurrence>): Pass<Occurrence> {
    const stumbled =
      pass.accepted === 0 ? pass.found.find(({ error }) => isStumble(error)) : undefined;
    if (stumbled !== undefined) return { ...pass, found: [], failure: stumbled.error };
    return noted(pass);
  }

  function noted(pass: Pass<Occurrence>): Pass<Occurrence> {
    for (const { item } of pass.found) refused.add(item);
    return pass;
  }

  async function deliverOne(occurrence: Occurrence): Promise<void> {
    await deliver(eventOf(occurrence, clusterId));
    recorder.acknowledged(occurrence);
    refused.accepted(occurrence);
  }

  return {
    fresh: () => recorder.unacknowledged() - refused.size(),
    refused,
    async sendFresh(signal) {
      if (time.steady() >= limit.until) limit.events = AT_ONCE;
      return judged(await send(fresh(limit.events), signal));
    },
    async probe(signal) {
      const some = fresh(AT_ONCE);
      const index = stumbles % Math.max(some.length, 1);
      const pass = judged(await send(some.slice(index, index + 1), signal));
      stumbles = isStumble(pass.failure) ? stumbles + 1 : 0;
      return pass;
    },
    async sendRefused(signal) {
      const pass = noted(await send(refused.take(MAX_BATCH_EVENTS), signal));
      if (pass.accepted > 0) refused.hasten();
      return pass;
    },
  };
}

function isTooLarge(error: Error): boolean {
  return isContentRefusal(error) && error.status === 413;
}

function isRefusal(error: Error): boolean {
  return isContentRefusal(error) || isStumble(error);
}

/** An endpoint that fails over one event may take all others. */
function isStumble(error: unknown): boolean {
  return error instanceof TemporaryDeliveryError && error.status === 500;
}
