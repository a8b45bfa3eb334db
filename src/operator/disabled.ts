import type { Fetch } from '../deliver/outbound.ts';
import type { SentPayload } from '../deliver/payload.ts';
import { optOutEvent } from '../record/events.ts';
import { SENT_LIMIT } from '../record/ledger.ts';
import { serializeLedger } from '../record/ledger-json.ts';
import { openDelivery } from './delivery.ts';
import { aborted, type KnownConsent, type OperatorDependencies } from './dependencies.ts';
import { retryOnLedger } from './retry-on-ledger.ts';
import { endConsent, type StoredLedger } from './stored-ledger.ts';

export interface DisabledOptions extends OperatorDependencies {
  readonly known: KnownConsent;
  /** Whether it may be told that telemetry was switched off. */
  readonly reportOptOut: boolean;
  /** Called once the ledger says that telemetry is off, or there is none that could. */
  readonly onWritten: () => Promise<void>;
}

/**
 * What the operator does while telemetry is off: nothing. If the ledger says that it was on, it first
 * writes there that it is off, and reports that one more has switched it off: once, if ever.
 *
 * Resolves when aborted.
 */
export async function runDisabled(options: DisabledOptions, signal: AbortSignal): Promise<void> {
  const storedLedger = await end(options, signal);
  await options.onWritten();
  if (storedLedger) await tellOptOut(options, storedLedger, signal);
  await aborted(signal);
}

async function end(
  options: DisabledOptions,
  signal: AbortSignal,
): Promise<StoredLedger | undefined> {
  const { ledgers: store, time, log, known } = options;
  const storedLedger = { store, now: time.now, onDamage: log.ledgerUnusable, former: known.since };
  const onNewer = () => undefined;
  try {
    return await retryOnLedger(
      () => endConsent(storedLedger, signal),
      { ...options, onNewer },
      signal,
    );
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

async function tellOptOut(
  options: DisabledOptions,
  { ledger, map }: StoredLedger,
  signal: AbortSignal,
): Promise<void> {
  const { config, reportOptOut, environment, log, ledgers, randomId, time } = options;
  const { writeKey, deliveryProblems } = config;
  if (!reportOptOut) return log.optedOut('withheld', "the configuration doesn't allow it");
  if (!writeKey && deliveryProblems.length === 0) {
    return log.optedOut('withheld', 'there is no write key');
  }

  const payloads: SentPayload[] = [];
  const onAcknowledged = (payload: SentPayload) => payloads.push(payload);
  // The ledger was written a moment ago, and nothing can take the switch back.
  const guard = (fetch: Fetch) => fetch;
  const delivery = openDelivery({ config, environment, onAcknowledged, guard });
  try {
    await delivery.deliver(optOutEvent({ source: 'kusk-gateway', randomId, now: time.now }));
    log.optedOut('sent', { ...payloads[0] });
    const sent = [...ledger.sent, ...payloads.map((payload) => ({ ...payload }))];
    const text = serializeLedger({ ...ledger, sent: sent.slice(-SENT_LIMIT) });
    // For the admin to see. Whether it can be written changes nothing.
    await ledgers.write(text, map, signal).catch(() => undefined);
  } catch (error) {
    log.optedOut('failed', error instanceof Error ? error.message : 'unknown');
  } finally {
    await delivery.close();
  }
}
