import type { LedgerConfigMap } from '../cluster/ledger-configmap.ts';
import { restartConsent, withdrawConsent } from '../record/ledger.ts';
import { serializeLedger } from '../record/ledger-json.ts';
import { isLaterConsent, latestSince, nextSince } from '../record/since.ts';
import {
  type ConsentOptions,
  parsed,
  readOrCreate,
  replacement,
  type StoredLedger,
} from './stored-ledger.ts';

/**
 * Begins a new consent in the ledger if the former one has ended, and returns its `since`.
 *
 * The former consent has ended if it is off in the ledger, or if this process has ended it: that may not
 * have been written, or a backup may have been restored since. The first replica writes the new one; the
 * others find it. Returns `undefined` if there is no usable ledger and this process has held no consent:
 * the leader opens and repairs it.
 */
export async function beginConsent(
  options: ConsentOptions,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { store, now, former } = options;
  const map = await readOrCreate(options, signal);
  const found = parsed(map);
  const isFirst = former === undefined;
  if (isFirst && found?.consent !== 'off') return found?.since;
  if (found && isBegunElsewhere({ ledger: found, map }, options)) return found.since;
  const ended = found ?? replacement(map, options);
  const renewed = restartConsent(ended, nextSince(now(), ended.since, former));
  await store.write(serializeLedger(renewed), map, signal);
  return renewed.since;
}

/** Whether another replica has begun a consent after the last change that this process knows. */
function isBegunElsewhere({ ledger, map }: StoredLedger, { former }: ConsentOptions): boolean {
  return ledger.consent === 'on' && !map.copied && isLaterConsent(ledger.since, former);
}

/** The end of a consent in the ledger. */
export interface EndedConsent {
  /** Every later consent has a later one. */
  readonly since: string;
  /** The ledger, if this replica switched it from on to off. */
  readonly switched?: StoredLedger;
}

/**
 * Ends consent in the ledger.
 *
 * A copied ledger does not count as switched: its consent may have been on in another cluster, and the
 * operator has no right to read this cluster's id while telemetry is off.
 *
 * Without a ledger none is created, so that an operator that was always off leaves no trace. A
 * process that had consent creates it: another replica may be about to restore the deleted one.
 */
export async function endConsent(
  options: ConsentOptions,
  signal: AbortSignal,
): Promise<EndedConsent | undefined> {
  const { store, former } = options;
  const found = await store.read(signal);
  const map = found ?? (former === undefined ? undefined : await store.create(signal));
  return map && (await endIn(map, options, signal));
}

/**
 * Ends consent again in a ledger that was created, emptied or restored while telemetry is off. It does not
 * end a consent that another replica has begun: the files of that replica may already say on.
 */
export async function endConsentAgain(
  options: ConsentOptions,
  signal: AbortSignal,
): Promise<EndedConsent | undefined> {
  const map = await options.store.read(signal);
  const ledger = map && parsed(map);
  if (!map || (ledger && isBegunElsewhere({ ledger, map }, options))) return undefined;
  return await endIn(map, options, signal);
}

async function endIn(
  map: LedgerConfigMap,
  options: ConsentOptions,
  signal: AbortSignal,
): Promise<EndedConsent> {
  const { store, now, former } = options;
  const before = parsed(map);
  if (before?.consent === 'off') return { since: latestSince(before.since, former) };
  const known = before ?? replacement(map, options);
  const ledger = withdrawConsent(known, nextSince(now(), known.since, former));
  const after = await store.write(serializeLedger(ledger), map, signal);
  const { since } = ledger;
  return before && !map.copied ? { since, switched: { ledger, map: after } } : { since };
}
