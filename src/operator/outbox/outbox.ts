import { MAX_BATCH_EVENTS } from '../../deliver/batch-limits.ts';
import { type Attempt, bisect, type Pass } from '../../deliver/bisect.ts';
import { isContentRefusal, TemporaryDeliveryError } from '../../deliver/delivery-error.ts';
import type { Deliver } from '../../event.ts';
import { type Occurrence, trackEvent } from '../../record/events.ts';
import type { Recorder } from '../../record/recorder.ts';
import type { BackoffOptions } from '../../runtime/backoff.ts';
import type { Time } from '../../runtime/time.ts';
import { isNotAllowed, NotAllowedError } from './delivery.ts';
import { MAX_IN_FLIGHT, passSize } from './pass-size.ts';
import { type RefusedEvents, refusedEvents } from './refused-events.ts';

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
  /** Sends the oldest fresh events, as many as the endpoint accepts together. */
  readonly sendFresh: Send;
  /** Sends the oldest fresh event, or the next one if the endpoint failed over the previous one. */
  readonly probe: Send;
  /** Sends refused events again. */
  readonly sendRefused: Send;
}

type Send = (signal: AbortSignal) => Promise<OutboxPass>;

export interface OutboxPass<Item = Occurrence> extends Pass<Item> {
  /** Whether it was sent without a failure, and had all fresh events or as many as a pass may have. */
  readonly isFull: boolean;
}

/** The pause between two attempts to find the refused events, in milliseconds. */
const PAUSE_MS = 25;
/** How many such attempts are made before other events have their turn. */
const MAX_ATTEMPTS = 64;

const NOTHING: Pass<Occurrence> = { accepted: 0, largest: 0, found: [], failure: undefined };

export function outbox(options: OutboxOptions): Outbox {
  const { recorder, clusterId, deliver, allowed, time, random, onFailed } = options;
  const refused = refusedEvents({ time, random });
  const size = passSize({ time, random });
  let tooLarge = false;
  let failedProbes = 0;

  const countFresh = () => recorder.unacknowledged() - refused.size();

  function oldestFresh(count: number): readonly Occurrence[] {
    const oldest = recorder.pending(count + refused.size());
    return oldest.filter((occurrence) => !refused.has(occurrence)).slice(0, count);
  }

  async function send(
    items: readonly Occurrence[],
    decide: (pass: Pass<Occurrence>) => Pass<Occurrence>,
    signal: AbortSignal,
  ): Promise<OutboxPass> {
    if (items.length === 0) return { ...NOTHING, isFull: false };
    const full = Math.min(countFresh(), size.most());
    tooLarge = false;
    const pause = () => time.wait(PAUSE_MS, signal).catch(() => undefined);
    const pass = decide(await bisect(items, { attempt, pause, maxAttempts: MAX_ATTEMPTS, signal }));
    resize(pass, items.length);
    return { ...pass, isFull: pass.failure === undefined && items.length >= full };
  }

  /** Decides how many events the next pass has. */
  function resize({ accepted, largest, found, failure }: Pass<Occurrence>, count: number): void {
    // No event was refused on its own, so the batch was too large.
    if (tooLarge && found.length === 0 && largest > 0) size.tooLarge(largest);
    if (failure === undefined && accepted > 0) size.accepted(count);
    else if (isAboutNumber(failure)) size.failed(count, accepted);
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
    fresh: countFresh,
    refused,
    sendFresh: (signal) => send(oldestFresh(size.events()), classify, signal),
    async probe(signal) {
      const some = oldestFresh(MAX_IN_FLIGHT);
      const index = failedProbes % Math.max(some.length, 1);
      const pass = await send(some.slice(index, index + 1), classify, signal);
      failedProbes = isServerError(pass.failure) ? failedProbes + 1 : 0;
      return pass;
    },
    async sendRefused(signal) {
      const count = Math.min(MAX_BATCH_EVENTS, size.events());
      const pass = await send(refused.take(count), keepRefused, signal);
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

/** Whether a failure can be due to the number of events. A 429 is about the number of requests. */
function isAboutNumber(failure: unknown): boolean {
  if (failure === undefined || isNotAllowed(failure) || isServerError(failure)) return false;
  return !(failure instanceof TemporaryDeliveryError && failure.status === 429);
}
