import type { LedgerConfigMap, LedgerStore } from '../cluster/ledger-configmap.ts';
import type { ConsentStart } from '../record/creations.ts';
import {
  firstLedger,
  firstLedgerAfterOff,
  type Ledger,
  ledgerAfterLoss,
  restartConsent,
} from '../record/ledger.ts';
import { parseLedger, serializeLedger } from '../record/ledger-json.ts';
import { isLaterConsent, nextSince } from '../record/since.ts';

/** The ledger together with the ConfigMap that stores it. */
export interface StoredLedger {
  readonly ledger: Ledger;
  readonly map: LedgerConfigMap;
}

export interface StoredLedgerOptions {
  readonly store: LedgerStore;
  /** Returns milliseconds since the epoch. The ledger shows it to people. */
  readonly now: () => number;
  /** Called with the problem of a ledger that can't be used. */
  readonly onDamage: (problem: string) => void;
}

export interface ConsentOptions extends StoredLedgerOptions {
  /** The `since` of the latest change of consent that this process knows, if any. */
  readonly former: string | undefined;
}

/** A newer program has written the ledger. This program must not overwrite it. */
export class NewerLedger extends Error {}

/** Opens the ledger and creates its ConfigMap if there is none. Consent may be off in it. */
export async function openLedger(
  options: StoredLedgerOptions,
  signal: AbortSignal,
): Promise<StoredLedger> {
  const map = await readOrCreate(options, signal);
  return { ledger: parsed(map) ?? replacement(map, options), map };
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
  options: ConsentOptions,
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
  if (isForeign(ledger, { cluster })) {
    // Its time is in whole seconds, and another replica may know a change within this one.
    const since = nextSince(map.changedAt * 1000, former);
    return { ...firstLedger(consentStartOf(map)), cluster, since };
  }
  if (isOutdated(ledger, { former })) return restartConsent(ledger, nextSince(now(), former));
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
  { store }: Pick<StoredLedgerOptions, 'store'>,
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
export function replacement(map: LedgerConfigMap, options: StoredLedgerOptions): Ledger {
  if (map.text === undefined && !map.emptied) {
    // A chart leaves a ledger as it is when telemetry is switched on. It may have no newer change.
    return map.renderedOff
      ? firstLedgerAfterOff(nextSince(options.now()))
      : firstLedger(consentStartOf(map));
  }
  const reading = map.text === undefined ? undefined : parseLedger(map.text);
  options.onDamage(reading?.found === 'damage' ? reading.problem : 'it was emptied');
  return ledgerAfterLoss(nextSince(options.now()));
}

/** The ConfigMap's last change, not its creation: a rollback may have emptied it after an opt-out. */
function consentStartOf({ changedAt, resourceVersion }: LedgerConfigMap): ConsentStart {
  return { createdAt: changedAt, resourceVersion };
}
