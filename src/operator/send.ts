import { type BackoffOptions, backoff } from '../cluster/backoff.ts';
import type { Time } from '../cluster/time.ts';
import { PermanentDeliveryError, TemporaryDeliveryError } from '../deliver/errors.ts';
import type { Deliver } from '../event.ts';
import type { Book } from '../record/book.ts';
import { eventOf } from '../record/identity.ts';
import type { Gate } from './gate.ts';
import { NotAllowedError } from './guard.ts';
import { aborted } from './part.ts';

export interface SendOptions {
  readonly book: Book;
  readonly clusterId: string;
  readonly deliver: Deliver;
  /** Ends whatever is under way. */
  readonly close: () => Promise<void>;
  /** Whether anything may leave at this moment. */
  readonly allowed: () => boolean;
  /** Opened when there may be something to tell. */
  readonly told: Gate;
  readonly time: Time;
  readonly random: BackoffOptions['random'];
  /** Called for each attempt that failed. */
  readonly onFailed: () => void;
  /** Called when the receiver goes, and when it is back. */
  readonly onState: (state: 'away' | 'back', error?: unknown) => void;
}

/** How long to wait for more before sending, so that many leave in one request. Milliseconds. */
const LINGER_MS = 250;
/** How many are under way at once. */
const AT_ONCE = 1_000;
/** How long to wait at the end for responses to what has left. Milliseconds. */
const RESPONSE_MS = 5_000;
/** No pause is longer, whatever the receiver asks for: a timer of more than 24 days would end at once. */
const LONGEST_MS = 3_600_000;
/** After failures that pass: up to a minute. */
const TEMPORARY = { baseMs: 500, capMs: 60_000 };
/** After a refusal, which only people can mend: from half a minute up to an hour. */
const PERMANENT = { baseMs: 30_000, capMs: LONGEST_MS };

/**
 * Delivers what is pending until aborted, and keeps whatever is not acknowledged.
 *
 * At the end nothing more leaves: telemetry may have been switched off a moment ago, and the ledger
 * keeps what is pending. A request that is under way has some seconds to be acknowledged, unless
 * consent or leadership has ended.
 */
export async function sendPending(options: SendOptions, signal: AbortSignal): Promise<void> {
  const sending = send(options, signal);
  await Promise.race([sending, aborted(signal)]);
  if (options.allowed()) {
    await Promise.race([sending, aborted(options.time.deadline(RESPONSE_MS))]);
  }
  await options.close();
  await sending;
}

async function send(options: SendOptions, signal: AbortSignal): Promise<void> {
  const { book, told, time } = options;
  const pause = pauses(options);
  for (;;) {
    if (book.unacknowledged() === 0) await told.passed(signal);
    await time.wait(LINGER_MS, signal).catch(() => undefined);
    if (signal.aborted) return;
    const failure = await sendSome(options, pause.away() ? 1 : AT_ONCE);
    // What fails because it is cut off at the end says nothing of the receiver.
    const pauseMs = signal.aborted ? 0 : pause.after(failure);
    await time.wait(pauseMs, signal).catch(() => undefined);
  }
}

/** Gives the first failure, if any; what was delivered is acknowledged all the same. */
async function sendSome(options: SendOptions, limit: number): Promise<unknown> {
  const { book, clusterId, deliver, allowed, onFailed } = options;
  if (!allowed()) return new NotAllowedError();
  const outcomes = await Promise.allSettled(
    book.pending(limit).map(async (happening) => {
      await deliver(eventOf(happening, clusterId));
      book.acknowledged(happening);
    }),
  );
  const failures = outcomes.filter((outcome) => outcome.status === 'rejected');
  if (allowed()) for (const { reason } of failures) if (!isOurs(reason)) onFailed();
  return failures[0]?.reason;
}

/** How long to pause after each attempt. Tells when the receiver goes, and when it is back. */
function pauses({ allowed, random, onState }: SendOptions) {
  const pauseMs = failurePause(random);
  let away = false;

  function after(failure: unknown): number {
    const failed = failure !== undefined;
    if (failed && !allowed()) return TEMPORARY.baseMs;
    if (isOurs(failure)) return pauseMs(failure);
    if (failed !== away) onState(failed ? 'away' : 'back', failure);
    away = failed;
    return pauseMs(failure);
  }

  return { after, away: () => away };
}

function failurePause(random: BackoffOptions['random']): (failure: unknown) => number {
  const temporary = backoff({ ...TEMPORARY, random });
  // A refusal is not asked again soon, whatever the dice say.
  const permanent = backoff({ ...PERMANENT, random: () => (1 + random()) / 2 });

  return (failure) => {
    if (failure instanceof PermanentDeliveryError) return permanent.failed();
    if (failure !== undefined) return Math.max(askedMs(failure), temporary.failed());
    temporary.succeeded();
    permanent.succeeded();
    return 0;
  };
}

/** Whether an event was held back by this process, so that the endpoint has not seen it. */
function isOurs(failure: unknown): boolean {
  return failure instanceof NotAllowedError;
}

function askedMs(failure: unknown): number {
  const asked = failure instanceof TemporaryDeliveryError ? failure.retryAfterMs : undefined;
  return Math.min(asked ?? 0, LONGEST_MS);
}
