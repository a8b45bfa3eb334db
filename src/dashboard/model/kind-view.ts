import { CREATED, type Kind } from '../../event.ts';
import { messageId } from '../../record/events.ts';
import { clusterIdOf, type Facts, usableLedger } from './facts.ts';
import type { FollowedKind } from './follow-kinds.ts';
import type { SeenResource } from './resource-reader.ts';
import { verdictWithoutLedger } from './verdict-without-ledger.ts';
import { verdictsOf } from './verdicts.ts';
import type { KindView, ResourceRow, Verdict } from './view.ts';

export interface KindViewOptions {
  readonly facts: Facts;
  /** Whether telemetry is on, as far as that is known. */
  readonly isOn: boolean;
}

/** Returns a function that builds the view of a kind, and computes each messageId only once. */
export function kindViewer(
  kind: Kind,
  followed: FollowedKind,
): (options: KindViewOptions) => KindView {
  let ids = new Map<string, string>();
  let idsOf: string | undefined;

  /** Returns the ids of these resources, and forgets those of others. */
  function messageIds(clusterId: string, resources: readonly SeenResource[]) {
    const known = clusterId === idsOf ? ids : new Map<string, string>();
    ids = new Map(
      resources.map(({ uid }) => [
        uid,
        known.get(uid) ?? messageId(clusterId, { name: CREATED[kind], subject: uid }),
      ]),
    );
    idsOf = clusterId;
    return ids;
  }

  return function view({ facts, isOn }) {
    const resources = [...followed.rows.all()];
    const clusterId = clusterIdOf(facts);
    const current = clusterId === undefined ? undefined : messageIds(clusterId, resources);
    const messageIdOf = (uid: string) => current?.get(uid);
    const verdictOf = verdicts(resources, { kind, facts, isOn, messageIdOf });
    const rows = resources.map((resource): ResourceRow => {
      const { resourceVersion: _, seenAt: _seenAt, ...seen } = resource;
      return { ...seen, verdict: verdictOf(resource), messageId: messageIdOf(seen.uid) };
    });
    return { ...followed.state(), rows, total: followed.rows.total() };
  };
}

interface VerdictsOptions extends KindViewOptions {
  readonly kind: Kind;
  readonly messageIdOf: (uid: string) => string | undefined;
}

function verdicts(
  resources: readonly SeenResource[],
  { facts, isOn, kind, messageIdOf }: VerdictsOptions,
): (resource: SeenResource) => Verdict {
  const ledger = usableLedger(facts);
  if (ledger !== undefined) return verdictsOf(resources, { kind, ledger, messageIdOf });
  const verdict = verdictWithoutLedger(facts, { isOn });
  return () => verdict;
}
