import type { LedgerConfigMap } from '../cluster/ledger-configmap.ts';
import {
  type Ledger,
  restartConsent,
  withdrawConsent,
  withUnknownHistory,
} from '../record/ledger.ts';
import { serializeLedger } from '../record/ledger-json.ts';
import { isLaterConsent, latestSince, nextSince } from '../record/since.ts';
import {
  type ConsentOptions,
  isOutdated,
  type OpenOptions,
  parsed,
  readOrCreate,
  replacement,
  reportDamage,
  type StoredLedger,
} from './stored-ledger.ts';

export interface BeginOptions extends OpenOptions {
  /** Returns whether another replica leads: it writes what it remembers over a ledger that was lost. */
  readonly isLed: (signal: AbortSignal) => Promise<boolean>;
}

/**
 * Begins consent in the ledger if there is none or if the former one has ended, and returns its `since`.
 *
 * The former consent has ended if it is off in the ledger, or if this process has ended it: that may not
 * have been written, or a backup may have been restored since. The first replica writes the new one; the
 * others find it, and one whose telemetry is still off leaves it.
 *
 * Returns `undefined` if this process has held no consent and the leader decides: if another replica leads
 * and the ledger was lost, or if the ledger was copied here and may be another cluster's.
 */
export async function beginConsent(
  options: BeginOptions,
  signal: AbortSignal,
): Promise<string | undefined> {
  const map = await readOrCreate(options, signal);
  const ledger = parsed(map);
  if (ledger && isBegunElsewhere({ ledger, map }, options)) return ledger.since;
  if (options.former === undefined && (await isForLeader(ledger, options, signal)))
    return undefined;
  const begun = begunIn(map, ledger, options);
  await options.store.write(serializeLedger(begun), map, signal);
  if (!ledger) reportDamage(map, options);
  return begun.since;
}

/** Whether only the leader can tell if consent has begun. With a consent that is on, the ledger is a copy. */
async function isForLeader(
  ledger: Ledger | undefined,
  { isLed }: BeginOptions,
  signal: AbortSignal,
): Promise<boolean> {
  return ledger ? ledger.consent === 'on' : await isLed(signal);
}

/** Returns the ledger with a new consent. If this process has held one, what exists is not counted. */
function begunIn(map: LedgerConfigMap, found: Ledger | undefined, options: ConsentOptions): Ledger {
  const { now, former } = options;
  const ledger = found ?? replacement(map, options);
  if (!found && former === undefined) return ledger;
  const begun = restartConsent(ledger, nextSince(now(), ledger.since, former));
  return tellsHistory(map, found, options) ? begun : withUnknownHistory(begun);
}

/** Whether the ledger that was found tells what was counted. A copy lacks what was counted after it was taken. */
function tellsHistory(
  { copied }: LedgerConfigMap,
  found: Ledger | undefined,
  { former }: ConsentOptions,
): boolean {
  if (!found) return former === undefined;
  return !copied && !isOutdated(found, { former });
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
  const ended = withdrawConsent(known, nextSince(now(), known.since, former));
  const ledger = tellsHistory(map, before, options) ? ended : withUnknownHistory(ended);
  const after = await store.write(serializeLedger(ledger), map, signal);
  const { since } = ledger;
  return before && !map.copied ? { since, switched: { ledger, map: after } } : { since };
}
