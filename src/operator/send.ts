import type { Recovery } from '../cluster/recovery.ts';
import { retryPause } from '../cluster/retry-pause.ts';
import type { Pass } from '../deliver/bisect.ts';
import { messageId, type Occurrence } from '../record/events.ts';
import type { Notifier } from '../runtime/notifier.ts';
import type { Time } from '../runtime/time.ts';
import { isNotAllowed } from './delivery.ts';
import { aborted } from './dependencies.ts';
import { type Outbox, type OutboxOptions, outbox } from './outbox.ts';
import { type PausesOptions, pauses } from './pauses.ts';

export interface SendOptions extends OutboxOptions {
  readonly recovery: Recovery;
  /** Ends whatever is under way. */
  readonly close: () => Promise<void>;
  /** Opened when there may be something to tell. */
  readonly enqueued: Notifier;
  /** Called when the endpoint goes, and when it is back. */
  readonly onState: PausesOptions<object>['onState'];
  /** Called once for each event that is refused for good by an endpoint that accepts others. */
  readonly onRefused: (messageId: string, error: Error) => void;
}

/** How long to wait for more before sending, so that many leave in one request. Milliseconds. */
const LINGER_MS = 250;
/** How long to wait at the end for responses to what has left. Milliseconds. */
const RESPONSE_MS = 5_000;
/** A pause while nothing may leave. Milliseconds. */
const NOT_ALLOWED_MS = 500;
/** While the ledger cannot be read, so that nothing may leave. Milliseconds. */
const UNREAD = { baseMs: 500, capMs: 60_000 } as const;

/**
 * Delivers what is pending until aborted, and keeps whatever is not acknowledged.
 *
 * At the end nothing more leaves: telemetry may have been switched off a moment ago, and the ledger
 * keeps what is pending. A request that is under way has some seconds to be acknowledged, unless
 * consent or leadership has ended.
 */
export async function sendPending(options: SendOptions, signal: AbortSignal): Promise<void> {
  const sending = send(outbox(options), options, signal);
  await Promise.race([sending, aborted(signal)]);
  if (options.allowed()) {
    await Promise.race([sending, aborted(options.time.deadline(RESPONSE_MS))]);
  }
  await options.close();
  await sending;
}

async function send(box: Outbox, options: SendOptions, signal: AbortSignal): Promise<void> {
  const { allowed, clusterId, onRefused, time, random } = options;
  const unread = retryPause({ ...options, backoff: { ...UNREAD, random } });
  const pause = pauses<Occurrence>({
    ...options,
    onRefused: (occurrence, error) => onRefused(messageId(clusterId, occurrence), error),
  });

  for (;;) {
    await somethingToSend(box, options, signal);
    await rest(LINGER_MS);
    if (signal.aborted) return;
    await sendSome();
  }

  async function sendSome(): Promise<void> {
    const wasAway = pause.away();
    const fresh = await (wasAway ? box.probe(signal) : box.sendFresh(signal));
    const pauseMs = judge(fresh, 'fresh');
    // It has changed its mind: maybe of those that it has refused, too.
    if (wasAway && !pause.away()) box.refused.retryNow();
    if (pauseMs > 0 || box.refused.dueInMs() > 0 || signal.aborted) {
      return await restAfter(fresh, pauseMs);
    }
    const refused = await box.sendRefused(signal);
    await restAfter(refused, judge(refused, 'refused'));
  }

  /** Returns how long to pause, in milliseconds. What is cut off says nothing of the endpoint. */
  function judge(pass: Pass<Occurrence>, of: 'fresh' | 'refused'): number {
    if (signal.aborted) return 0;
    return allowed() ? pause.after(pass, of) : NOT_ALLOWED_MS;
  }

  /** Where the ledger could not be read, the pause ends as soon as the API server is back. */
  async function restAfter({ failure }: Pass<Occurrence>, ms: number): Promise<void> {
    if (isNotAllowed(failure) && allowed()) return await unread.failed(failure, signal);
    unread.succeeded();
    await rest(ms);
  }

  async function rest(ms: number): Promise<void> {
    await time.wait(ms, signal).catch(() => undefined);
  }
}

/** Waits until an event is pending, or until refused ones are to be tried again. */
async function somethingToSend(
  box: Outbox,
  { enqueued, time }: { readonly enqueued: Notifier; readonly time: Time },
  signal: AbortSignal,
): Promise<void> {
  while (box.fresh() === 0 && box.refused.dueInMs() > 0 && !signal.aborted) {
    const ms = box.refused.dueInMs();
    const either = new AbortController();
    const both = AbortSignal.any([signal, either.signal]);
    const due = ms === Number.POSITIVE_INFINITY ? aborted(both) : time.wait(ms, both);
    await Promise.race([enqueued.notified(both), due.catch(() => undefined)]);
    either.abort();
  }
}
