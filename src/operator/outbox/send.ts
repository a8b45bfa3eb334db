import type { Recovery } from '../../cluster/recovery.ts';
import { retryPause } from '../../cluster/retry-pause.ts';
import { messageId, type Occurrence } from '../../record/events.ts';
import type { Notifier } from '../../runtime/notifier.ts';
import { aborted } from '../../runtime/run.ts';
import type { Time } from '../../runtime/time.ts';
import { isNotAllowed } from './delivery.ts';
import { type Outbox, type OutboxOptions, type OutboxPass, outbox } from './outbox.ts';
import { type PausesOptions, pauses } from './pauses.ts';

export interface SendOptions extends OutboxOptions {
  readonly recovery: Recovery;
  /** Aborts the requests in flight and closes the delivery. */
  readonly close: () => Promise<void>;
  /** Notified when an event may have been enqueued. */
  readonly enqueued: Notifier;
  /** Called when the endpoint becomes unavailable, and when it is available again. */
  readonly onState: PausesOptions<object>['onState'];
  /** Called once for each event that an endpoint refuses while it accepts others. */
  readonly onRefused: (messageId: string, error: Error) => void;
}

/** How long to collect further events before sending, in milliseconds: fewer requests. */
const LINGER_MS = 250;
/** How long to wait for outstanding responses at the end, in milliseconds. */
const RESPONSE_MS = 5_000;
/** The pause while sending is not allowed, in milliseconds. */
const NOT_ALLOWED_MS = 500;
/** The pauses while the ledger can't be read, so that nothing may be sent. Milliseconds. */
const LEDGER_UNREADABLE = { baseMs: 500, capMs: 60_000 } as const;

/**
 * Sends pending events until aborted. An event stays pending until it is acknowledged.
 *
 * After the abort no request begins: telemetry may have just been switched off, and the ledger keeps
 * the pending events. A request in flight has some seconds to be acknowledged, unless consent or
 * leadership has ended.
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
  const ledgerPause = retryPause({ ...options, backoff: { ...LEDGER_UNREADABLE, random } });
  const pause = pauses<Occurrence>({
    ...options,
    onRefused: (occurrence, error) => onRefused(messageId(clusterId, occurrence), error),
  });

  for (;;) {
    await untilDue(box, options, signal);
    await rest(LINGER_MS);
    if (signal.aborted) return;
    await sendSome();
  }

  async function sendSome(): Promise<void> {
    const wasUnavailable = pause.unavailable();
    const fresh = await (pause.probing() ? box.probe(signal) : box.sendFresh(signal));
    const pauseMs = pauseAfter(fresh, 'fresh');
    // Its configuration may have changed, so it may accept the refused events too.
    if (wasUnavailable && !pause.unavailable()) box.refused.retryNow();
    if (pauseMs > 0 || box.refused.dueInMs() > 0 || signal.aborted) {
      return await restAfter(fresh, pauseMs);
    }
    const refused = await box.sendRefused(signal);
    await restAfter(refused, pauseAfter(refused, 'refused'));
  }

  /** Returns how long to pause, in milliseconds. An aborted pass is no evidence about the endpoint. */
  function pauseAfter(pass: OutboxPass, of: 'fresh' | 'refused'): number {
    if (signal.aborted) return 0;
    return allowed() ? pause.after(pass, of) : NOT_ALLOWED_MS;
  }

  /** If the ledger could not be read, the pause ends as soon as the API server is back. */
  async function restAfter({ failure }: OutboxPass, ms: number): Promise<void> {
    if (isNotAllowed(failure) && allowed()) return await ledgerPause.failed(failure, signal);
    ledgerPause.succeeded();
    await rest(ms);
  }

  async function rest(ms: number): Promise<void> {
    await time.wait(ms, signal).catch(() => undefined);
  }
}

/** Resolves when a fresh event is pending, when refused events are due, or when aborted. */
async function untilDue(
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
