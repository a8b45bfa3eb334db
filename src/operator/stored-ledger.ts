import type { LedgerConfigMap, LedgerStore } from '../cluster/ledger-configmap.ts';
import type { ConsentStart } from '../record/creations.ts';
import {
  firstLedger,
  type Ledger,
  ledgerAfterLoss,
  restartConsent,
  withdrawConsent,
} from '../record/ledger.ts';
import { parseLedger, serializeLedger } from '../record/ledger-json.ts';

/** The ledger as it stands in the cluster. */
export interface StoredLedger {
  readonly ledger: Ledger;
  readonly map: LedgerConfigMap;
}

export interface StoredLedgerOptions {
  readonly store: LedgerStore;
  /** Milliseconds since the epoch, for people to read in the ledger. */
  readonly now: () => number;
  /** Called with what was wrong with a ledger that can't be used. */
  readonly onDamage: (problem: string) => void;
}

/** The ledger was written by a newer program, which this one must not undo. */
export class NewerLedger extends Error {}

/** Opens the ledger for telling, and makes it where there is none. It may be one of consent off. */
export async function openLedger(
  options: StoredLedgerOptions,
  signal: AbortSignal,
): Promise<StoredLedger> {
  const map = await foundOrMade(options, signal);
  return { ledger: readable(map) ?? unreadable(map, options), map };
}

/**
 * Opens the ledger for the cluster of that id. Of another cluster's, as a backup brings it, nothing is
 * used: it is written over, and consent begins for this cluster as at an install, with the moment at
 * which the ledger came here or was last written. One of consent off is left as it is.
 */
export async function openLedgerOf(
  cluster: string,
  options: StoredLedgerOptions,
  signal: AbortSignal,
): Promise<StoredLedger> {
  const custody = await openLedger(options, signal);
  const { ledger, map } = custody;
  if (ledger.consent === 'off' || !isForeign(ledger, { cluster })) return custody;
  const first = { ...firstLedger(consentStartOf(map)), cluster };
  return { ledger: first, map: await options.store.write(serializeLedger(first), map, signal) };
}

/** Whether a ledger is another cluster's. One of an older version names none: it is this one's. */
export function isForeign(
  ledger: Ledger,
  { cluster }: { readonly cluster: string | undefined },
): boolean {
  return ledger.cluster !== undefined && ledger.cluster !== cluster;
}

export interface BeginOptions extends Omit<StoredLedgerOptions, 'onDamage'> {
  /** The `since` of the consent under which this process has told, if it has been off after that. */
  readonly former: string | undefined;
}

/**
 * Consent begins anew if the ledger says that it was off, or if it does not: where no replica could
 * write that, it still has the consent of before. Whichever replica is first writes it. What else is
 * to be done with a ledger is the business of the one who opens it.
 *
 * Gives the `since` of the consent that now holds, where a ledger was written.
 */
export async function beginConsent(
  options: BeginOptions,
  signal: AbortSignal,
): Promise<string | undefined> {
  const map = await foundOrMade(options, signal);
  const ledger = readable(map);
  if (!ledger) return undefined;
  const hasEnded = ledger.consent === 'off' || ledger.since === options.former;
  if (!hasEnded) return ledger.since;
  const anew = restartConsent(ledger, stamp(options));
  await options.store.write(serializeLedger(anew), map, signal);
  return anew.since;
}

export interface EndOptions extends StoredLedgerOptions {
  /** The `since` of the consent under which this process has told, if it ever has. */
  readonly former: string | undefined;
}

/**
 * Ends consent in the ledger. Returns it if it was on: then a switch from on to off was witnessed, by
 * this replica and no other. Of a copy nobody knows in which cluster it was on, and to ask takes a
 * right that the operator has not got while telemetry is off.
 *
 * If there is no ledger, none is created, so that an operator that was always off leaves no trace. But
 * a process that has told writes it all the same: another replica may be about to write the one that
 * was deleted again.
 */
export async function endConsent(
  options: EndOptions,
  signal: AbortSignal,
): Promise<StoredLedger | undefined> {
  const { store, former } = options;
  const found = await store.read(signal);
  const map = found ?? (former === undefined ? undefined : await store.create(signal));
  if (!map) return undefined;
  const before = readable(map);
  if (before?.consent === 'off') return undefined;
  const ledger = withdrawConsent(before ?? unreadable(map, options), stamp(options));
  const after = await store.write(serializeLedger(ledger), map, signal);
  return before && !map.copied ? { ledger, map: after } : undefined;
}

async function foundOrMade(
  { store }: Pick<StoredLedgerOptions, 'store'>,
  signal: AbortSignal,
): Promise<LedgerConfigMap> {
  return (await store.read(signal)) ?? (await store.create(signal));
}

/** The ledger that was written, if it can be understood. */
function readable({ text }: LedgerConfigMap): Ledger | undefined {
  const reading = text === undefined ? undefined : parseLedger(text);
  if (reading?.found === 'newer') {
    throw new NewerLedger(`it is of version ${reading.version}, which a newer program has written`);
  }
  return reading?.found === 'ledger' ? reading.ledger : undefined;
}

/** What to begin with where nothing was written yet, or where it can't be understood. */
function unreadable(map: LedgerConfigMap, options: StoredLedgerOptions): Ledger {
  if (map.text === undefined && !map.emptied) return firstLedger(consentStartOf(map));
  const reading = map.text === undefined ? undefined : parseLedger(map.text);
  options.onDamage(reading?.found === 'damage' ? reading.problem : 'it was emptied');
  return ledgerAfterLoss(stamp(options));
}

/**
 * Consent begins with an empty ledger, and not before its last change: a rollback may have emptied
 * it, together with its mark, after a time in which telemetry was off.
 */
function consentStartOf({ changedAt, resourceVersion }: LedgerConfigMap): ConsentStart {
  return { createdAt: changedAt, resourceVersion };
}

function stamp({ now }: Pick<StoredLedgerOptions, 'now'>): string {
  return new Date(now()).toISOString();
}
