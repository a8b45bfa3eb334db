import { MAX_BATCH_EVENTS } from '../../deliver/batch-limits.ts';
import { type Attempt, bisect, type Pass } from '../../deliver/bisect.ts';
import { isContentRefusal, TemporaryDeliveryError } from '../../deliver/delivery-error.ts';
import type { Deliver } from '../../event.ts';
import { type Occurrence, trackEvent } from '../../record/events.ts';
import type { Recorder } from '../../record/recorder.ts';
import { type BackoffOptions, backoff } from '../../runtime/backoff.ts';
import type { Time } from '../../runtime/time.ts';
import { isNotAllowed, NotAllowedError } from './delivery.ts';

export interface OutboxOptions {
  readonly recorder: Recorder;
  readonly clusterId: string;
  readonly deliver: Deliver;
  /** Whether anything may be sent at this moment. */
  readonly allowed: () => boolean;
  readonly time: Time;
  readonly random: BackoffOptions['random'];
  /** Called for each failed attempt to deliver an event. */
  readonly onFailed: () => void;
}

/** The pending events and the ways to send them. An accepted event is acknowledged in the recorder. */
export interface Outbox {
  /** Returns how many pending events are fresh: the endpoint has not refused them on their own. */
  readonly fresh: () => number;
  readonly refused: RefusedEvents;
  /** Sends the oldest fresh events, as many as fit. */
  readonly sendFresh: (signal: AbortSignal) => Promise<Pass<Occurrence>>;
  /** Sends the oldest fresh event, or the next one if the endpoint failed over the previous one. */
  readonly probe: (signal: AbortSignal) => Promise<Pass<Occurrence>>;
  /** Sends refused events again. */
  readonly sendRefused: (signal: AbortSignal) => Promise<Pass<Occurrence>>;
}

/** How many events are in flight at the same time. */
const MAX_IN_FLIGHT = 1_000;
/** The pause between two attempts to find the refused events, in milliseconds. */
const PAUSE_MS = 25;
/** How many such attempts are made before other events have their turn. */
const MAX_ATTEMPTS = 64;
/** How long smaller batches are sent after a 413, in milliseconds. */
const SMALLER_FOR_MS = 3_600_000;

const NOTHING: Pass<Occurrence> = { accepted: 0, largest: 0, found: [], failure: undefined };

export function outbox(options: OutboxOptions): Outbox {
  const { recorder, clusterId, deliver, allowed, time, random, onFailed } = options;
  const refused = refusedEvents({ time, random });
  const limit = { events: MAX_IN_FLIGHT, until: 0 };
  let tooLarge = false;
  let failedProbes = 0;

  function fresh(count: number): readonly Occurrence[] {
    const oldest = recorder.pending(count + refused.size());
    return oldest.filter((occurrence) => !refused.has(occurrence)).slice(0, count);
  }

  async function send(items: readonly Occurrence[], signal: AbortSignal) {
    if (items.length === 0) return NOTHING;
    tooLarge = false;
    const pause = () => time.wait(PAUSE_MS, signal).catch(() => undefined);
    const pass = await bisect(items, { attempt, pause, maxAttempts: MAX_ATTEMPTS, signal });
    // No event was refused on its own, so the batch was too large.
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
    for (const { error } of failures) if (!isNotAllowed(error)) onFailed();
  }

  /** An endpoint that fails over every event is away. None of the events is refused then. */
  function classify(pass: Pass<Occurrence>): Pass<Occurrence> {
    const failed =
      pass.accepted === 0 ? pass.found.find(({ error }) => isServerError(error)) : undefined;
    if (failed !== undefined) return { ...pass, found: [], failure: failed.error };
    return keepRefused(pass);
  }

  function keepRefused(pass: Pass<Occurrence>): Pass<Occurrence> {
    for (const { item } of pass.found) refused.add(item);
    return pass;
  }

  async function deliverOne(occurrence: Occurrence): Promise<void> {
    await deliver(trackEvent({ source: 'kusk-gateway', anonymousId: clusterId, ...occurrence }));
    recorder.acknowledged(occurrence);
    refused.accepted(occurrence);
  }

  return {
    fresh: () => recorder.unacknowledged() - refused.size(),
    refused,
    async sendFresh(signal) {
      if (time.steady() >= limit.until) limit.events = MAX_IN_FLIGHT;
      return classify(await send(fresh(limit.events), signal));
    },
    async probe(signal) {
      const some = fresh(MAX_IN_FLIGHT);
      const index = failedProbes % Math.max(some.length, 1);
      const pass = classify(await send(some.slice(index, index + 1), signal));
      failedProbes = isServerError(pass.failure) ? failedProbes + 1 : 0;
      return pass;
    },
    async sendRefused(signal) {
      const pass = keepRefused(await send(refused.take(MAX_BATCH_EVENTS), signal));
      if (pass.accepted > 0) refused.retryNow();
      return pass;
    },
  };
}

function isTooLarge(error: Error): boolean {
  return isContentRefusal(error) && error.status === 413;
}

function isRefusal(error: Error): boolean {
  return isContentRefusal(error) || isServerError(error);
}

/** A 500 may concern one event only: the endpoint may accept all others. */
function isServerError(error: unknown): boolean {
  return error instanceof TemporaryDeliveryError && error.status === 500;
}

/** Pending events that the endpoint refused on their own. They are sent again after long pauses. */
export interface RefusedEvents {
  readonly size: () => number;
  readonly has: (occurrence: Occurrence) => boolean;
  /** Adds an event as the last one to send again. */
  readonly add: (occurrence: Occurrence) => void;
  readonly accepted: (occurrence: Occurrence) => void;
  /** Returns the delay until the next attempt, in ms. Infinite if there are none. */
  readonly dueInMs: () => number;
  /** Makes all of them due now. */
  readonly retryNow: () => void;
  /** Returns up to `limit` events, the first to send last, and schedules the next attempt. */
  readonly take: (limit: number) => readonly Occurrence[];
}

/** Only people can repair a refusal. Jitter at most halves a pause: from 15 s up to an hour. */
const REFUSED_PAUSE = { baseMs: 30_000, capMs: 3_600_000 };

function refusedEvents({ time, random }: Pick<OutboxOptions, 'time' | 'random'>): RefusedEvents {
  const refused = new Set<Occurrence>();
  const pause = backoff({ ...REFUSED_PAUSE, random: () => (1 + random()) / 2 });
  let dueAt = 0;

  function schedule(): void {
    dueAt = time.steady() + pause.failed();
  }

  return {
    size: () => refused.size,
    has: (occurrence) => refused.has(occurrence),
    add(occurrence) {
      if (refused.size === 0) schedule();
      refused.delete(occurrence);
      refused.add(occurrence);
    },
    accepted(occurrence) {
      if (refused.delete(occurrence)) pause.succeeded();
    },
    dueInMs: () => (refused.size === 0 ? Number.POSITIVE_INFINITY : dueAt - time.steady()),
    retryNow() {
      pause.succeeded();
      dueAt = time.steady();
    },
    take(limit) {
      schedule();
      return [...refused].slice(0, limit).reverse();
    },
  };
}
