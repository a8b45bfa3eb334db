import { decideConsent } from '../../consent/consent.ts';
import { machineSwitches } from '../../consent/machine.ts';
import { MAX_BATCH_EVENTS } from '../../deliver/batch-limits.ts';
import { TemporaryDeliveryError } from '../../deliver/delivery-error.ts';
import { connectOutbound } from '../../deliver/outbound.ts';
import { segment } from '../../deliver/segment.ts';
import type { TelemetryEvent } from '../../event.ts';
import { optOutEvent } from '../../record/events.ts';
import { machineOf } from './machine-of.ts';
import { acknowledge, prune, takePending } from './spool.ts';
import { readStanding, type Standing, type StandingOptions } from './standing.ts';

export interface SendOptions extends StandingOptions {
  /** Returns milliseconds since the epoch. */
  readonly now: () => number;
  /** Returns 64 random hex digits, different ones in each call. */
  readonly randomId: () => string;
}

/** How long the one request may take, with its whole response, in milliseconds. */
const TIMEOUT_MS = 5_000;
/** In milliseconds. All events are there from the beginning. */
const FLUSH_INTERVAL_MS = 10;

/**
 * Sends everything in the spool as one batch, once, and moves what was acknowledged to `sent`. What fails
 * stays in the spool for a later run.
 *
 * Resolves once the endpoint has responded or refused. The caller ends the process after a time limit,
 * because a name server or a connect that hangs can't be aborted. Rejects if the state can't be written.
 */
export async function sendSpool(options: SendOptions): Promise<void> {
  const standing = readStanding(options);
  const machine = standing.on ? machineOf(standing) : undefined;
  if (machine === undefined) return;
  const pending = takePending(machine, { nowMs: options.now() });
  if (pending.length === 0) return;
  await deliverOnce(pending, {
    ...options,
    standing,
    // It can have been switched off while the connection was being prepared.
    isAllowed: () => readStanding(options).on,
    onAcknowledged: (messageId) => acknowledge(machine, messageId),
  });
  prune(machine, { nowMs: options.now() });
}

/**
 * Sends the event that reports that telemetry was switched off, under random ids, once. The machine's
 * own switch must already say off, and no other switch may.
 *
 * Resolves once the endpoint has responded or refused, as `sendSpool` does.
 */
export async function sendOptOut(options: SendOptions): Promise<void> {
  const standing = readStanding(options);
  const { stored } = standing.state;
  const absent = { ...stored, value: undefined };
  const isOnlyStored = decideConsent(machineSwitches(options.environment, absent)).on;
  if (!isOnlyStored || decideConsent([stored]).on) return;
  const event = optOutEvent({ source: 'kusk-cli', ...options });
  await deliverOnce([event], { ...options, standing, isAllowed: () => true, onAcknowledged() {} });
}

/**
 * Sends the event of a browser session, once. Rejects with a `DeliveryError` if the endpoint has not
 * acknowledged it, or if telemetry of this machine is off.
 */
export async function sendSession(event: TelemetryEvent, options: SendOptions): Promise<void> {
  const standing = readStanding(options);
  if (!standing.on) throw new TemporaryDeliveryError('telemetry was switched off');
  const [outcome] = await deliverOnce([event], {
    ...options,
    standing,
    isAllowed: () => readStanding(options).on,
    onAcknowledged() {},
  });
  if (outcome?.status === 'rejected') throw outcome.reason;
}

interface DeliverOptions extends SendOptions {
  readonly standing: Standing;
  /** Called just before the request. */
  readonly isAllowed: () => boolean;
  /** Called once for each acknowledged event. */
  readonly onAcknowledged: (messageId: string) => void;
}

async function deliverOnce(
  events: readonly TelemetryEvent[],
  { environment, standing, isAllowed, onAcknowledged }: DeliverOptions,
): Promise<readonly PromiseSettledResult<void>[]> {
  const { endpoint, writeKey } = standing;
  if (endpoint === undefined || writeKey === undefined) return [];
  const outbound = connectOutbound({ environment });
  const delivery = segment({
    endpoint,
    writeKey,
    timeoutMs: TIMEOUT_MS,
    flushAt: Math.min(events.length, MAX_BATCH_EVENTS),
    flushIntervalMs: FLUSH_INTERVAL_MS,
    onAcknowledged: () => {},
    async fetch(url, init) {
      if (!isAllowed()) throw new TemporaryDeliveryError('telemetry was switched off');
      return outbound.fetch(url, init);
    },
  });
  try {
    return await Promise.allSettled(
      events.map(async (event) => {
        await delivery.deliver(event);
        onAcknowledged(event.messageId);
      }),
    );
  } finally {
    await delivery.close();
    await outbound.close();
  }
}
