import { messageOf } from '../../runtime/message-of.ts';
import { CommandError } from '../command-error.ts';
import { type ClusterFlags, kuskFlags } from '../install/cluster-flags.ts';
import type { ClusterTelemetry } from '../install/cluster-telemetry.ts';
import { elsewhereText } from '../install/elsewhere.ts';
import { withoutSecrets } from '../install/endpoint-text.ts';
import { ownerText } from '../install/owner.ts';
import { enableCommand, switchOn } from '../install/switch-on.ts';

/** `cluster` in the document of `kusk analytics status -o json`. `null` is unknown or none. */
export interface ClusterStatus {
  readonly namespace: string;
  /** `unknown` if the cluster can't be reached, `none` if it has no operator in this namespace. */
  readonly telemetry: 'on' | 'off' | 'none' | 'unknown';
  readonly decidedBy: string;
  /** ISO 8601 in UTC. */
  readonly since: string | null;
  readonly id: string | null;
  readonly endpoint: string | null;
  /** `unknown`: the cluster has none, and the operator's image may have one. Without, nothing is sent. */
  readonly writeKey: 'set' | 'unknown' | null;
  /** How many events are pending. */
  readonly pending: number | null;
  /** Its version, else its name. */
  readonly operator: string | null;
  /** The tag of its image, if it is another than its version. */
  readonly operatorTag: string | null;
  readonly owner: string | null;
  /** How to change it: sentences, and commands on lines of their own, which begin with blanks. */
  readonly change: string;
  /** Everything that is invalid, each with what to do. */
  readonly problems: readonly string[];
}

const UNKNOWN = {
  since: null,
  id: null,
  endpoint: null,
  writeKey: null,
  pending: null,
  operator: null,
  operatorTag: null,
  owner: null,
  problems: [],
} as const;

/** Returns what is known of a cluster. */
export function clusterStatus(found: ClusterTelemetry, flags: ClusterFlags): ClusterStatus {
  const { namespace, operator, consent, ledger } = found;
  const common = {
    ...UNKNOWN,
    namespace,
    decidedBy: consent.decidedBy,
    ...ofLedger(found),
    problems: [...consent.problems, ...ledgerProblems(ledger), ...elsewhereProblems(found)],
  };
  if (operator === undefined)
    return { ...common, telemetry: 'none', ...withoutOperator(found, flags) };
  return {
    ...common,
    telemetry: consent.on ? 'on' : 'off',
    endpoint: withoutSecrets(found.endpoint),
    writeKey: found.hasWriteKey ? 'set' : 'unknown',
    operator: operator.version ?? operator.name,
    operatorTag: operator.tag ?? null,
    owner: ownerText(operator.owner),
    change: consent.on
      ? `kusk analytics disable --cluster${kuskFlags(namespace, flags)} switches it off.`
      : wayOn(found, flags),
  };
}

function wayOn(found: ClusterTelemetry, flags: ClusterFlags): string {
  const way = switchOn(found, flags);
  if ('sentence' in way) return way.sentence;
  const { command, todo } = way;
  if (todo !== undefined) return `${todo}:\n  ${command}`;
  if (command === enableCommand(found.namespace, flags)) return `${command} switches it on.`;
  return `This switches it on, unless another switch says off:\n  ${command}`;
}

function ofLedger({ ledger: read, operator, consent }: ClusterTelemetry) {
  if (read.state !== 'read') return {};
  const { since, cluster, pending } = read.ledger;
  // The operator records a change when it follows. Without one, nothing says since when.
  const isFollowed = operator !== undefined && (read.ledger.consent === 'on') === consent.on;
  return { since: isFollowed ? since : null, id: cluster ?? null, pending: pending.length };
}

function withoutOperator(found: ClusterTelemetry, flags: ClusterFlags) {
  const { namespace, consent, elsewhere } = found;
  const none = `there is no operator in namespace ${namespace}`;
  if (elsewhere !== 'forbidden' && elsewhere.length > 0) {
    const command = (one: string) => `  kusk analytics status${kuskFlags(one, flags)}`;
    return {
      decidedBy: `${none}, and ${elsewhereText(elsewhere)}`,
      change: ['See:', ...elsewhere.map(command)].join('\n'),
    };
  }
  if (!consent.on) return { change: wayOn(found, flags) };
  return {
    decidedBy: none,
    change: `kusk cluster install --analytics off${kuskFlags(namespace, flags)} installs one whose telemetry is off.`,
  };
}

/** Returns the status of a cluster that can't be reached. */
export function unreachableStatus(namespace: string, error: unknown): ClusterStatus {
  const advice = error instanceof CommandError ? error.advice : undefined;
  const decidedBy = messageOf(error);
  return { ...UNKNOWN, namespace, telemetry: 'unknown', decidedBy, change: advice ?? '' };
}

function elsewhereProblems({ elsewhere }: ClusterTelemetry): readonly string[] {
  if (elsewhere !== 'forbidden') return [];
  return ['you may not list Deployments in all namespaces: name that of the operator with -n'];
}

function ledgerProblems(ledger: ClusterTelemetry['ledger']): readonly string[] {
  switch (ledger.state) {
    case 'newer':
      return ['a newer version has written the ledger'];
    case 'foreign':
      return [
        'the ledger belongs to another cluster, as after a restore: the operator does not use it, and begins a new one when it is on',
      ];
    case 'damaged':
      return [`the ledger is damaged: ${ledger.problem}`];
    default:
      return [];
  }
}
