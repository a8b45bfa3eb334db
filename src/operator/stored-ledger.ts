import type { LedgerConfigMap, LedgerStore } from '../cluster/ledger-configmap.ts';
import type { ConsentStart } from '../record/creations.ts';
import {
  firstLedger,
  firstLedgerAfterOff,
  type Ledger,
  ledgerAfterLoss,
  restartConsent,
  withdrawConsent,
} from '../record/ledger.ts';
import { parseLedger, serializeLedger } from '../record/ledger-json.ts';

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
 * Opens the ledger of the cluster with that id.
 *
 * A ledger of another cluster, as a restored backup brings it, is overwritten: consent begins for
 * this cluster as at an install, at the last change of the ConfigMap. A ledger with consent off is
 * returned unchanged.
 */
export async function openLedgerOf(
  cluster: string,
  options: StoredLedgerOptions,
  signal: AbortSignal,
): Promise<StoredLedger> {
  const stored = await openLedger(options, signal);
  const { ledger, map } = stored;
  if (ledger.consent === 'off' || !isForeign(ledger, { cluster })) return stored;
  const first = { ...firstLedger(consentStartOf(map)), cluster };
  return { ledger: first, map: await options.store.write(serializeLedger(first), map, signal) };
}

/** Whether a ledger is another cluster's. A ledger of an older version has no id: it is this one's. */
export function isForeign(
  ledger: Ledger,
  { cluster }: { readonly cluster: string | undefined },
): boolean {
  return ledger.cluster !== undefined && ledger.cluster !== cluster;
}

export interface BeginOptions extends Omit<StoredLedgerOptions, 'onDamage'> {
  /** The `since` of the consent that this process held before telemetry was switched off, if any. */
  readonly former: string | undefined;
}

/**
 * Begins a new consent in the ledger if the former one has ended, and returns its `since`.
 *
 * The former consent has ended if it is off in the ledger, or if this process has ended it but no replica
 * could write that. The first replica writes the new one; the others find it. Returns `undefined` if
 * there is no usable ledger: the leader opens and repairs it.
 */
export async function beginConsent(
  options: BeginOptions,
  signal: AbortSignal,
): Promise<string | undefined> {
  const map = await readOrCreate(options, signal);
  const ledger = parsed(map);
  if (!ledger) return undefined;
  const hasEnded = ledger.consent === 'off' || ledger.since === options.former;
  if (!hasEnded) return ledger.since;
  const renewed = restartConsent(ledger, timestamp(options));
  await options.store.write(serializeLedger(renewed), map, signal);
  return renewed.since;
}

export interface EndOptions extends StoredLedgerOptions {
  /** The `since` of the consent that this process held last, if it held any. */
  readonly former: string | undefined;
}

/**
 * Ends consent in the ledger. Returns the ledger if this replica switched it from on to off.
 *
 * Returns `undefined` for a copied ledger: its consent may have been on in another cluster, and the
 * operator has no right to read this cluster's id while telemetry is off.
 *
 * Without a ledger none is created, so that an operator that was always off leaves no trace. A
 * process that had consent creates it: another replica may be about to restore the deleted one.
 */
export async function endConsent(
  options: EndOptions,
  signal: AbortSignal,
): Promise<StoredLedger | undefined> {
  const { store, former } = options;
  const found = await store.read(signal);
  const map = found ?? (former === undefined ? undefined : await store.create(signal));
  if (!map) return undefined;
  const before = parsed(map);
  if (before?.consent === 'off') return undefined;
  const ledger = withdrawConsent(before ?? replacement(map, options), timestamp(options));
  const after = await store.write(serializeLedger(ledger), map, signal);
  return before && !map.copied ? { ledger, map: after } : undefined;
}

async function readOrCreate(
  { store }: Pick<StoredLedgerOptions, 'store'>,
  signal: AbortSignal,
): Promise<LedgerConfigMap> {
  return (await store.read(signal)) ?? (await store.create(signal));
}

/** Returns the stored ledger, or `undefined` if it is absent or damaged. Throws `NewerLedger`. */
function parsed({ text }: LedgerConfigMap): Ledger | undefined {
  const reading = text === undefined ? undefined : parseLedger(text);
  if (reading?.found === 'newer') {
    throw new NewerLedger(`it is of version ${reading.version}, which a newer program has written`);
  }
  return reading?.found === 'ledger' ? reading.ledger : undefined;
}

/** Returns the ledger to begin with if none was written yet, or if it was lost. */
function replacement(map: LedgerConfigMap, options: StoredLedgerOptions): Ledger {
  if (map.text === undefined && !map.emptied) {
    // A chart leaves a ledger as it is when telemetry is switched on. It may have no newer change.
    return map.renderedOff
      ? firstLedgerAfterOff(timestamp(options))
      : firstLedger(consentStartOf(map));
  }
  const reading = map.text === undefined ? undefined : parseLedger(map.text);
  options.onDamage(reading?.found === 'damage' ? reading.problem : 'it was emptied');
  return ledgerAfterLoss(timestamp(options));
}

/** The ConfigMap's last change, not its creation: a rollback may have emptied it after an opt-out. */
function consentStartOf({ changedAt, resourceVersion }: LedgerConfigMap): ConsentStart {
  return { createdAt: changedAt, resourceVersion };
}

function timestamp({ now }: Pick<StoredLedgerOptions, 'now'>): string {
  return new Date(now()).toISOString();
}
