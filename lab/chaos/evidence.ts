import type { Kind } from '../../src/event.ts';

/** A span of time, in RFC 3339 with the same number of digits throughout, so that text order is time order. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

/** History was erased: who has seen no more than what was before can only list. */
export interface Cut {
  readonly why: 'the history was erased' | 'the CRD was deleted';
  /** When it began. */
  readonly from: string;
  /** A watch from an older `resourceVersion` than this may be refused. */
  readonly upTo: number;
  /** The one kind that it concerns; all where absent. */
  readonly kind?: Kind;
}

/** etcd was put back to a backup: what came after the backup is gone, and history went on from there. */
export interface Restore {
  /** Everything up to this `resourceVersion` is in the backup. */
  readonly backedUp: number;
  /** When the API server had stopped. What it notes later belongs to the history after the backup. */
  readonly at: string;
}

/**
 * After a restore the API server assigns the same `resourceVersion`s again. In the evidence each
 * restore adds this number to all later ones, so that they still compare as moments of one history.
 */
export const EPOCH = 1_000_000_000;

/** What has to be added to a `resourceVersion` of this moment. */
export function epochAt(moment: string, restores: readonly Restore[]): number {
  return EPOCH * restores.filter(({ at }) => at < moment).length;
}

/** A creation as the API server's audit log has it. */
export interface CreationEvidence {
  readonly kind: Kind;
  readonly uid: string;
  readonly messageId: string;
  /** The `resourceVersion` with which it was created. */
  readonly revision: number;
  /** When the request was received and answered. */
  readonly during: Span;
  /** It was removed after this `resourceVersion`, at the earliest; absent if it never was. */
  readonly removedAfter?: number;
  /** It was not removed by itself, but with its CRD. */
  readonly withCrd?: true;
  /** It was not removed by itself: the backup that etcd was restored from does not hold it. */
  readonly withRestore?: true;
}

/** What a write of the ledger says. */
export interface LedgerState {
  readonly during: Span;
  readonly consent: 'on' | 'off';
  /** It changes with each consent, and with a ledger begun anew, and at no other write. */
  readonly since: string;
  readonly kinds: Readonly<Record<Kind, KindState>>;
  /** The UIDs, days and the like that were seen and not yet acknowledged. */
  readonly pending: ReadonlySet<string>;
}

export interface KindState {
  /** Up to here all was seen; absent before the first list. */
  readonly revision?: number;
  /** Consent begins anew with the next list. */
  readonly baseline: boolean;
  /** The `resourceVersion` with which consent began, if that was with the ledger itself. */
  readonly birth?: number;
}

/** All that a verdict is made of. */
export interface Evidence {
  readonly creations: readonly CreationEvidence[];
  /** What was written, in order. */
  readonly ledger: readonly LedgerState[];
  readonly cuts: readonly Cut[];
  readonly restores: readonly Restore[];
  readonly silences: readonly Span[];
  readonly flips: readonly Span[];
  readonly edits: readonly Span[];
  readonly stored: readonly { readonly messageId: string; readonly name: string }[];
  /** The `messageId` of the install, which must have come. */
  readonly install: string;
  /** The `messageId`s of the days on which a heartbeat may have come. */
  readonly heartbeats: readonly string[];
}

/** Now, with six digits as the audit log writes it. */
export function stamp(now: () => number): string {
  return new Date(now()).toISOString().replace('Z', '000Z');
}
