import type { CreationEvidence, Evidence, LedgerState, Span } from './evidence.ts';

/**
 * Why a creation need not be told. Each follows from the design; everything else that was not told
 * is lost.
 */
export type Exclusion =
  | 'existed before the install'
  | 'created before the first list after consent'
  | 'not yet sent when consent ended'
  | 'not yet sent when the ledger was deleted or edited by hand'
  | 'created and deleted in a window that a 410 erased'
  | 'removed with its CRD before it was sent'
  | 'created after the backup that etcd was restored from, and gone before it was sent';

export type Outcome = 'told' | 'lost' | 'told, and must not be' | Exclusion;

/** What became of a creation, and whether that is right. `told` holds each `messageId` that came. */
export function fateOf(
  made: CreationEvidence,
  evidence: Evidence,
  told: ReadonlySet<string>,
): Outcome {
  if (told.has(made.messageId))
    return mustNotBeTold(made, evidence) ? 'told, and must not be' : 'told';
  return whyUntold(made, evidence) ?? 'lost';
}

/** It was there before the first ledger, or was made while nobody could think that consent was on. */
function mustNotBeTold(
  { kind, revision, during }: CreationEvidence,
  { ledger, silences }: Evidence,
): boolean {
  const install = ledger.find((state) => state.consent === 'on')?.kinds[kind].birth;
  if (install !== undefined && revision <= install) return true;
  return silences.some(({ from, to }) => from < during.from && during.to < to);
}

/**
 * Decided by the ledger's writes in the API server's audit log: the first one after the creation holds
 * it as pending, can't have seen it, or has lost it.
 */
function whyUntold(made: CreationEvidence, evidence: Evidence): Exclusion | undefined {
  const { ledger } = evidence;
  const first = ledger.findIndex(({ during }) => during.to > made.during.from);
  const since = first === -1 ? [] : ledger.slice(first);
  for (const [offset, after] of since.entries()) {
    const index = first + offset;
    const pair = { before: ledger[index - 1], after, evidence };
    const broken = brokenBetween(made, pair);
    if (broken) return broken.why;
    if ((after.kinds[made.kind].revision ?? 0) < made.revision) continue;
    if (after.pending.has(made.uid)) return whyDropped(made, evidence, index);
    return whyPassed(made, pair);
  }
  return undefined;
}

interface Pair {
  readonly before: LedgerState | undefined;
  readonly after: LedgerState;
  readonly evidence: Evidence;
}

/**
 * Whether what was known was given up between two writes. `why` is absent if nobody had a right to it.
 */
function brokenBetween(
  made: CreationEvidence,
  pair: Pair,
): { readonly why?: Exclusion } | undefined {
  const { before, after, evidence } = pair;
  if (before && isGoneWithRestore(made, { before, after, evidence })) {
    return {
      why: 'created after the backup that etcd was restored from, and gone before it was sent',
    };
  }
  if (!before || before.consent === 'off' || after.since === before.since) return undefined;
  // All that came after a ledger's birth is known to it.
  const { birth } = after.kinds[made.kind];
  if (birth !== undefined && made.revision > birth) return undefined;
  const span = { from: before.during.from, to: after.during.to };
  if (evidence.edits.some((edit) => overlap(edit, span))) {
    return { why: 'not yet sent when the ledger was deleted or edited by hand' };
  }
  // An answer that was lost may leave the end of consent out of the log, not its new beginning.
  if (evidence.flips.some((flip) => overlap(flip, span))) {
    return { why: 'not yet sent when consent ended' };
  }
  return {};
}

/** With it went what the ledger said of it. */
function isGoneWithRestore(
  made: CreationEvidence,
  { before, after, evidence }: Required<Pair>,
): boolean {
  if (!made.withRestore || !before) return false;
  return evidence.restores.some(({ at }) => before.during.from < at && at < after.during.to);
}

/** It was pending: what became of it? */
function whyDropped(
  made: CreationEvidence,
  evidence: Evidence,
  from: number,
): Exclusion | undefined {
  for (let index = from + 1; index < evidence.ledger.length; index += 1) {
    const [before, after] = [evidence.ledger[index - 1], evidence.ledger[index]];
    if (!after) return undefined;
    const broken = brokenBetween(made, { before, after, evidence });
    if (broken) return broken.why;
    if (!after.pending.has(made.uid)) return undefined;
  }
  return undefined;
}

/** A write has passed it and does not hold it. */
function whyPassed(
  made: CreationEvidence,
  { before, after, evidence }: Pair,
): Exclusion | undefined {
  const { kind, revision, removedAfter } = made;
  const state = after.kinds[kind];
  if (state.birth !== undefined && revision <= state.birth) return 'existed before the install';
  if (before?.kinds[kind].baseline || before?.consent === 'off') {
    return 'created before the first list after consent';
  }
  // What was there when the kind was listed must have been told; so must what a watch has passed.
  const wasGone = removedAfter !== undefined && removedAfter <= (state.revision ?? 0);
  if (!wasGone) return undefined;
  const seen = before?.kinds[kind].revision ?? 0;
  const cut = evidence.cuts
    .filter((one) => one.kind === undefined || one.kind === kind)
    .find(({ from, upTo }) => seen < upTo && from < after.during.to);
  if (!cut) return undefined;
  return made.withCrd
    ? 'removed with its CRD before it was sent'
    : 'created and deleted in a window that a 410 erased';
}

function overlap(one: Span, other: Span): boolean {
  return one.from < other.to && other.from < one.to;
}
