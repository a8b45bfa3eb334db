import { CREATED, type Kind } from '../../event.ts';
import { messageId } from '../../record/events.ts';
import { clusterIdOf, type Facts, usableLedger } from './facts.ts';
import type { FollowedKind } from './follow-kinds.ts';
import type { SeenResource } from './resource-reader.ts';
import type { TelemetryView } from './telemetry-view.ts';
import { verdictWithoutLedger } from './verdict-without-ledger.ts';
import { verdictsOf } from './verdicts.ts';
import type { KindView, ResourceRow, Verdict } from './view.ts';

/** How many ids of resources that are gone are kept. */
const PRUNE_AT = 1_000;

export interface KindViewOptions {
  readonly facts: Facts;
  /** Whether telemetry is on. */
  readonly state: TelemetryView['state'];
}

/** Returns a function that builds the view of a kind. */
export function kindViewer(
  kind: Kind,
  followed: FollowedKind,
): (options: KindViewOptions) => KindView {
  const ids = messageIds(kind);
  let rowOf = new WeakMap<SeenResource, ResourceRow>();
  let rowsOf: string | undefined;

  return function view({ facts, state }) {
    const resources = [...followed.rows.all()];
    const clusterId = clusterIdOf(facts);
    const messageIdOf = ids.of(clusterId);
    ids.prune(resources);
    if (clusterId !== rowsOf) rowOf = new WeakMap();
    rowsOf = clusterId;
    const verdictOf = verdicts(resources, { kind, facts, state, messageIdOf });
    const rows = resources.map((resource): ResourceRow => {
      const known = rowOf.get(resource);
      const verdict = verdictOf(resource);
      if (known && isSame(known.verdict, verdict)) return known;
      const row = newRow(resource, { verdict, messageIdOf });
      rowOf.set(resource, row);
      return row;
    });
    return { ...followed.state(), rows, total: followed.rows.total() };
  };
}

interface RowOptions {
  readonly verdict: Verdict;
  readonly messageIdOf: (uid: string) => string | undefined;
}

function newRow(resource: SeenResource, { verdict, messageIdOf }: RowOptions): ResourceRow {
  const { resourceVersion: _, seenAt: _seenAt, ...seen } = resource;
  return {
    ...seen,
    verdict,
    // Most rows are on no page that somebody looks at.
    get messageId() {
      return messageIdOf(seen.uid);
    },
  };
}

function isSame(one: Verdict, other: Verdict): boolean {
  return one === other || (one.state === other.state && one.why === other.why);
}

/** Computes each messageId once, when it is needed: ten thousand take a third of a second. */
function messageIds(kind: Kind) {
  let known = new Map<string, string>();
  let knownOf: string | undefined;

  return {
    of(clusterId: string | undefined): (uid: string) => string | undefined {
      if (clusterId === undefined) return () => undefined;
      if (clusterId !== knownOf) known = new Map();
      knownOf = clusterId;
      const ids = known;
      return function messageIdOf(uid) {
        const id = ids.get(uid) ?? messageId(clusterId, { name: CREATED[kind], subject: uid });
        ids.set(uid, id);
        return id;
      };
    },
    /** Forgets the ids of resources that are gone. */
    prune(resources: readonly SeenResource[]): void {
      if (known.size <= resources.length + PRUNE_AT) return;
      const uids = new Set(resources.map(({ uid }) => uid));
      for (const uid of known.keys()) if (!uids.has(uid)) known.delete(uid);
    },
  };
}

interface VerdictsOptions extends KindViewOptions {
  readonly kind: Kind;
  readonly messageIdOf: (uid: string) => string | undefined;
}

function verdicts(
  resources: readonly SeenResource[],
  { facts, state, kind, messageIdOf }: VerdictsOptions,
): (resource: SeenResource) => Verdict {
  const ledger = usableLedger(facts);
  if (ledger !== undefined) return verdictsOf(resources, { kind, state, ledger, messageIdOf });
  const verdict = verdictWithoutLedger(facts, { state });
  return () => verdict;
}
