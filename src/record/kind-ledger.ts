import type { ConsentStart } from './consent-start.ts';
import { type CountedHistory, HISTORY_UNKNOWN, NOTHING_COUNTED } from './counted-history.ts';
import { type KnownState, NONE_KNOWN } from './known-resources.ts';

/** The state that decides whether a resource of one kind is new. Its size is bounded. */
export interface KindLedger extends KnownState {
  /** The ledger covers everything up to this resourceVersion. Unknown before a baseline's list. */
  readonly resourceVersion: string | undefined;
  /** What the next list shows is not counted: consent or the kind is new to a ledger that existed. */
  readonly baseline: boolean;
  /** When consent began with the ledger itself. Older resources are never counted. */
  readonly consentStart: ConsentStart | undefined;
  /** What existed at `consentStart` was listed, or the floor was repaired: its time decides nothing now. */
  readonly snapshotTaken: boolean;
  /** Since consent began, a list was completed or the watch made progress. */
  readonly synced: boolean;
  /** The baseline that was listed: what existed there is not counted. */
  readonly baselineAt: ConsentStart | undefined;
  /** What was counted under earlier consents. */
  readonly earlier: CountedHistory;
}

/** Consent begins with the ledger: resources are counted if they were created after `start`. */
export function countingFrom({ createdAt, resourceVersion }: ConsentStart): KindLedger {
  return {
    resourceVersion,
    baseline: false,
    watermark: createdAt,
    floor: createdAt - 1,
    recent: new Map(),
    consentStart: { createdAt, resourceVersion },
    snapshotTaken: false,
    synced: false,
    baselineAt: undefined,
    earlier: NOTHING_COUNTED,
  };
}

/** Consent begins with the next list: resources are counted if that list does not show them. */
export function baselineAtNextList(earlier = HISTORY_UNKNOWN): KindLedger {
  return {
    resourceVersion: undefined,
    baseline: true,
    ...NONE_KNOWN,
    consentStart: undefined,
    snapshotTaken: false,
    synced: false,
    baselineAt: undefined,
    earlier,
  };
}
