import { type Facts, usableLedger } from './facts.ts';
import type { CommandFlags } from './view.ts';

/** How long an event may be pending until the endpoint seems to be away, in milliseconds. */
const PATIENCE_MS = 60_000;

/** Returns why nothing leaves, although the switches say on, each as a sentence. */
export function obstaclesOf(
  facts: Facts,
  { nowMs, flags }: { readonly nowMs: number; readonly flags: CommandFlags },
): readonly string[] {
  return [
    replicas(facts, flags),
    leader(facts, flags),
    ledger(facts),
    endpoint(facts, nowMs),
  ].filter((obstacle) => obstacle !== undefined);
}

function replicas({ installation, lease }: Facts, flags: CommandFlags): string | undefined {
  const operator = typeof installation === 'string' ? undefined : installation.operator;
  // A leader sends whether or not its probe calls it ready.
  if (lease?.isCurrent) return undefined;
  if (operator === undefined || operator.replicas.ready > 0) return undefined;
  if (operator.replicas.wanted === 0) return 'The operator is scaled to 0 replicas.';
  // Without an election, no Lease says whether a replica sends before it is ready.
  if (!operator.elects) return undefined;
  return `No replica of the operator is ready. See why: kusk cluster check${flags.kusk}`;
}

function leader({ lease, installation }: Facts, flags: CommandFlags): string | undefined {
  if (lease === undefined || lease.isCurrent || typeof installation === 'string') return undefined;
  const { operator } = installation;
  if (operator === undefined || operator.replicas.ready === 0 || !operator.elects) return undefined;
  return installation.hasWriteKey
    ? 'No replica leads at present.'
    : `No replica leads: the cluster has no write key, and perhaps the operator's image has none. Without one, nothing is sent. Set one with kusk cluster upgrade --write-key KEY${flags.kusk}.`;
}

function ledger(facts: Facts): string | undefined {
  if (facts.ledger.state === 'newer')
    return 'The operator does not use the ledger of a newer version.';
  if (usableLedger(facts)?.consent !== 'off') return undefined;
  return 'The ledger still says off. A running operator follows its switches within a minute or two.';
}

function endpoint(facts: Facts, nowMs: number): string | undefined {
  const pending = usableLedger(facts)?.pending ?? [];
  const oldest = pending.reduce((first, { at }) => Math.min(first, at), Number.POSITIVE_INFINITY);
  if (nowMs - oldest * 1000 < PATIENCE_MS) return undefined;
  const since = Number.isFinite(oldest) ? new Date(oldest * 1000).toISOString() : undefined;
  return (
    since && `The endpoint has not acknowledged an event of ${since}. The operator tries again.`
  );
}
