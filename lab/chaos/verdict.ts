import { type Exclusion, fateOf, type Outcome } from './classify.ts';
import type { CreationEvidence, Evidence, Span } from './evidence.ts';

/** What was told, compared with what happened. */
export interface Verdict {
  readonly creations: number;
  /** Told under one messageId. */
  readonly told: number;
  /** What should have been told, and was not. */
  readonly lost: readonly CreationEvidence[];
  /** What was told, and must not have been. */
  readonly wrong: readonly CreationEvidence[];
  /** The install was told. */
  readonly installTold: boolean;
  /** The messageIds of what was stored and never happened. */
  readonly foreign: readonly string[];
  /** What the design cannot promise and was not told, by name. */
  readonly excluded: ReadonlyMap<Exclusion, number>;
  /** How often telemetry was said to be switched off, and how often it was. */
  readonly optOuts: { readonly told: number; readonly possible: number };
  readonly isRight: boolean;
}

/** Compares creation by creation, by messageId. */
export function judge(evidence: Evidence): Verdict {
  const { creations, stored, install, heartbeats, flips } = evidence;
  const told = new Set(stored.map(({ messageId }) => messageId));
  const byFate = Map.groupBy(creations, (made) => fateOf(made, evidence, told));
  const ids = creations.map(({ messageId }) => messageId);
  const known = new Set([install, ...heartbeats, ...ids]);
  // The one event under fresh random ids.
  const optOuts = stored.filter(({ name }) => name === 'analytics-disabled').length;
  const foreign = stored.filter(
    ({ messageId, name }) => name !== 'analytics-disabled' && !known.has(messageId),
  );
  const lost = byFate.get('lost') ?? [];
  const wrong = byFate.get('told, and must not be') ?? [];
  const installTold = told.has(install);
  const failures = lost.length + wrong.length + foreign.length;
  const switches = flips.reduce((sum, flip) => sum + Math.max(1, endsIn(flip, evidence)), 0);
  const isRight = failures === 0 && installTold && optOuts <= switches;
  return {
    creations: creations.length,
    told: byFate.get('told')?.length ?? 0,
    lost,
    wrong,
    installTold,
    foreign: foreign.map(({ messageId }) => messageId),
    excluded: excludedIn(byFate),
    optOuts: { told: optOuts, possible: switches },
    isRight,
  };
}

/**
 * How often the ledger has changed from on to off meanwhile. Where two replicas' files are apart and both
 * are restarted, each of them follows its own.
 */
function endsIn(span: Span, { ledger }: Evidence): number {
  const ends = ledger.filter(
    ({ consent, during }, index) =>
      consent === 'off' &&
      ledger[index - 1]?.consent === 'on' &&
      during.from < span.to &&
      span.from < during.to,
  );
  return ends.length;
}

function excludedIn(
  byFate: ReadonlyMap<Outcome, readonly CreationEvidence[]>,
): ReadonlyMap<Exclusion, number> {
  const counts = [...byFate].flatMap(([fate, { length }]) =>
    isExclusion(fate) ? [[fate, length] as const] : [],
  );
  return new Map(counts);
}

function isExclusion(fate: Outcome): fate is Exclusion {
  return fate !== 'told' && fate !== 'lost' && fate !== 'told, and must not be';
}
