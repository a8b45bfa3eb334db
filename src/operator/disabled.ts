import { hasStatus, isRequestError } from '../cluster/errors.ts';
import type { Fetch } from '../deliver/outbound.ts';
import type { SentPayload } from '../deliver/payload.ts';
import { optOutEvent } from '../record/events.ts';
import { SENT_LIMIT } from '../record/ledger.ts';
import { serializeLedger } from '../record/ledger-json.ts';
import { type EndedConsent, endConsent, endConsentAgain } from './consent-in-ledger.ts';
import type { KnownConsent, OperatorDependencies } from './dependencies.ts';
import { openDelivery } from './outbox/delivery.ts';
import { retryOnLedger } from './retry-on-ledger.ts';
import { NewerLedger, type StoredLedger } from './stored-ledger.ts';

export interface DisabledOptions extends OperatorDependencies {
  readonly known: KnownConsent;
  /** Whether the opt-out event may be sent. */
  readonly reportOptOut: boolean;
  /** Called once consent is off in the ledger, or if there is no ledger to write. */
  readonly onWritten: () => Promise<void>;
}

/**
 * Runs while telemetry is off. If consent is on in the ledger, ends it there and sends the opt-out
 * event, at most once. Then keeps consent ended until aborted, and resolves.
 */
export async function runDisabled(options: DisabledOptions, signal: AbortSignal): Promise<void> {
  const endedLedger = await endInLedger(options, signal);
  await options.onWritten();
  if (endedLedger) await sendOptOut(options, endedLedger, signal);
  await keepEnded(options, signal);
}

/** How often the ledger is read while telemetry is off, in milliseconds. */
const CHECK_MS = 60_000;

/** Ends consent again, without an event, if the ledger is created, emptied or restored meanwhile. */
async function keepEnded(options: DisabledOptions, signal: AbortSignal): Promise<void> {
  const { time, log } = options;
  const { onTrouble, onSuccess } = log.attempts('read the ledger');
  const failed = (error: unknown) => {
    if (!signal.aborted) passOn(error, onTrouble);
  };
  for (;;) {
    await time.wait(CHECK_MS, signal).catch(() => undefined);
    if (signal.aborted) return;
    await end(endConsentAgain, options, signal).then(onSuccess, failed);
  }
}

/** Passes on why a check failed: the next one is in a minute. Throws what is a fault of this program. */
function passOn(error: unknown, onTrouble: (error: unknown) => void): void {
  if (!(error instanceof NewerLedger || isRequestError(error))) throw error;
  // A 409 says that another replica writes at the same time.
  if (!hasStatus(error, 409)) onTrouble(error);
}

/** Ends consent by one attempt, and remembers since when it is off. */
async function end(
  attempt: typeof endConsent,
  { ledgers: store, time, known }: DisabledOptions,
  signal: AbortSignal,
): Promise<EndedConsent | undefined> {
  const ended = await attempt({ store, now: time.now, former: known.since }, signal);
  known.since = ended?.since ?? known.since;
  return ended;
}

/** Returns the ledger if this replica ended consent in it. Returns `undefined` when aborted. */
async function endInLedger(
  options: DisabledOptions,
  signal: AbortSignal,
): Promise<StoredLedger | undefined> {
  const attempt = () => end(endConsent, options, signal);
  const onNewer = () => undefined;
  try {
    const ended = await retryOnLedger(attempt, { ...options, onNewer }, signal);
    return ended?.switched;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

async function sendOptOut(
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
  // No check of the ledger: it was just written, and an opt-out can't be undone.
  const guard = (fetch: Fetch) => fetch;
  const delivery = openDelivery({ config, environment, onAcknowledged, guard });
  try {
    await delivery.deliver(optOutEvent({ source: 'kusk-gateway', randomId, now: time.now }));
    log.optedOut('sent', { ...payloads[0] });
    const sent = [...ledger.sent, ...payloads.map((payload) => ({ ...payload }))];
    const text = serializeLedger({ ...ledger, sent: sent.slice(-SENT_LIMIT) });
    // Only shown to the admin, so a failed write is ignored.
    await ledgers.write(text, map, signal).catch(() => undefined);
  } catch (error) {
    log.optedOut('failed', error instanceof Error ? error.message : 'unknown');
  } finally {
    await delivery.close();
  }
}
