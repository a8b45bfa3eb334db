import type { LedgerConfigMap, LedgerStore } from '../cluster/ledger-configmap.ts';
import {
  firstLedger,
  firstLedgerAfterOff,
  type Ledger,
  ledgerAfterLoss,
  restartConsent,
  withUnknownHistory,
} from '../record/ledger.ts';
import { parseLedger, serializeLedger } from '../record/ledger-json.ts';
import { isLaterConsent, nextSince } from '../record/since.ts';

/** The ledger together with the ConfigMap that stores it. */
export interface StoredLedger {
  readonly ledger: Ledger;
  readonly map: LedgerConfigMap;
}

export interface ConsentOptions {
  readonly store: LedgerStore;
  /** Returns milliseconds since the epoch. The ledger shows it to people. */
  readonly now: () => number;
  /** The `since` of the latest change of consent that this process knows, if any. */
  readonly former: string | undefined;
}

export interface OpenOptions extends ConsentOptions {
  /** Called with the problem of a ledger that can't be used, once another one is in its place. */
  readonly onDamage: (problem: string) => void;
}

/** A newer program has written the ledger. This program must not overwrite it. */
export class NewerLedger extends Error {}

/** Opens the ledger and creates its ConfigMap if there is none. Consent may be off in it. */
export async function openLedger(options: OpenOptions, signal: AbortSignal): Promise<StoredLedger> {
  const map = await readOrCreate(options, signal);
  const ledger = parsed(map);
  if (ledger) return { ledger, map };
  reportDamage(map, options);
  return { ledger: replacement(map, options), map };
}

/**
 * Opens the ledger of the cluster with that id. A ledger that a restored backup has brought is overwritten:
 *
 * - If it is another cluster's, consent begins for this cluster as at an install, at the last change of
 *   the ConfigMap.
 * - If it is this cluster's and outdated, consent begins again.
 *
 * A ledger with consent off is returned unchanged.
 */
export async function openLedgerOf(
  cluster: string,
  options: OpenOptions,
  signal: AbortSignal,
): Promise<StoredLedger> {
  const stored = await openLedger(options, signal);
  const renewed = inPlaceOf(stored, { ...options, cluster });
  if (stored.ledger.consent === 'off' || renewed === undefined) return stored;
  return {
    ledger: renewed,
    map: await options.store.write(serializeLedger(renewed), stored.map, signal),
  };
}

/** Returns the ledger to begin with in place of another cluster's or an outdated one, if it is such. */
function inPlaceOf(
  { ledger, map }: StoredLedger,
  { cluster, now, former }: ConsentOptions & { readonly cluster: string },
): Ledger | undefined {
  if (isForeign(ledger, { cluster })) return { ...firstIn(map, { former }), cluster };
  if (isOutdated(ledger, { former })) {
    return withUnknownHistory(restartConsent(ledger, nextSince(now(), former)));
  }
  return undefined;
}

/** Whether a ledger is another cluster's. A ledger of an older version has no id: it is this one's. */
export function isForeign(
  ledger: Ledger,
  { cluster }: { readonly cluster: string | undefined },
): boolean {
  return ledger.cluster !== undefined && ledger.cluster !== cluster;
}

/** Whether a ledger is older than what this process knows: a backup of this cluster was restored. */
export function isOutdated(
  { since }: Ledger,
  { former }: { readonly former: string | undefined },
): boolean {
  return former !== undefined && isLaterConsent(former, since);
}

/** Reads the ledger's ConfigMap, and creates it if there is none. */
export async function readOrCreate(
  { store }: Pick<ConsentOptions, 'store'>,
  signal: AbortSignal,
): Promise<LedgerConfigMap> {
  return (await store.read(signal)) ?? (await store.create(signal));
}

/** Returns the stored ledger, or `undefined` if it is absent or damaged. Throws `NewerLedger`. */
export function parsed({ text }: LedgerConfigMap): Ledger | undefined {
  const reading = text === undefined ? undefined : parseLedger(text);
  if (reading?.found === 'newer') {
    throw new NewerLedger(`it is of version ${reading.version}, which a newer program has written`);
  }
  return reading?.found === 'ledger' ? reading.ledger : undefined;
}

/** Returns the ledger to begin with if none was written yet, or if it was lost. */
export function replacement(
  map: LedgerConfigMap,
  { now, former }: Pick<ConsentOptions, 'now' | 'former'>,
): Ledger {
  if (wasWritten(map)) return ledgerAfterLoss(nextSince(now(), former));
  // A chart leaves a ledger as it is when telemetry is switched on. It may have no newer change.
  if (map.renderedOff) return firstLedgerAfterOff(nextSince(now(), former));
  return firstIn(map, { former });
}

/** Reports why a ledger that was written can't be used. */
export function reportDamage(
  map: LedgerConfigMap,
  { onDamage }: Pick<OpenOptions, 'onDamage'>,
): void {
  if (!wasWritten(map)) return;
  const reading = map.text === undefined ? undefined : parseLedger(map.text);
  onDamage(reading?.found === 'damage' ? reading.problem : 'it was emptied');
}

function wasWritten({ text, emptied }: LedgerConfigMap): boolean {
  return text !== undefined || emptied;
}

/**
 * Returns the first ledger of this cluster. Consent begins at the ConfigMap's last change, not at its creation:
 * a rollback may have emptied it after an opt-out.
 */
function firstIn(
  { changedAt, resourceVersion }: LedgerConfigMap,
  { former }: Pick<ConsentOptions, 'former'>,
): Ledger {
  // The time is in whole seconds, and another replica may know a change within this one.
  const since = nextSince(changedAt * 1000, former);
  return { ...firstLedger({ createdAt: changedAt, resourceVersion }), since };
}
