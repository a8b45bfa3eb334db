import { decideConsent, decidingSwitch, meaningOf, type Switch } from '../../consent/consent.ts';
import { clusterIdOf, type Facts, usableLedger } from './facts.ts';
import { clusterIdCommand } from './hand-check.ts';
import type { Installation } from './installation.ts';
import { type LedgerStanding, ledgerStandingOf } from './ledger-standing.ts';
import { obstaclesOf } from './obstacles.ts';
import type { LeaderView, SwitchView, TelemetryView } from './telemetry-view.ts';
import type { CommandFlags } from './view.ts';

/** The longest value of a switch that is shown, in characters. */
const VALUE_LIMIT = 100;

export interface TelemetryOptions {
  readonly namespace: string;
  readonly flags: CommandFlags;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** Returns whether telemetry is on, why, and what has left. */
export function telemetryOf(facts: Facts, options: TelemetryOptions): TelemetryView {
  const { installation } = facts;
  const standing = ledgerStandingOf(facts);
  const decision = decisionOf(facts, options);
  const found = typeof installation === 'string' ? undefined : installation;
  const obstacles = decision.state === 'on' ? obstaclesOf(facts, options) : [];
  return {
    ...decision,
    switches: switchesOf(found?.switches ?? []),
    obstacles,
    problems: [...problemsOf(facts, options), ...decision.problems, ...messagesOf(standing)],
    ...standing,
    clusterId: {
      value: clusterIdOf(facts),
      from: sourceOf(facts),
      command: clusterIdCommand(options.flags),
    },
    endpoint: found?.endpoint,
    writeKey: found?.hasWriteKey ? 'set' : 'unknown',
    leader: leaderOf(facts),
    operator: found?.operator,
    commands: commandsOf(found, decision),
  };
}

type Decision = Pick<TelemetryView, 'state' | 'decidedBy' | 'problems'>;

/** An off that was read is certain. An on is certain only if everything could be read. */
function decisionOf(facts: Facts, { namespace }: TelemetryOptions): Decision {
  const { installation } = facts;
  if (installation === 'unread') return undecided('the cluster was not read yet');
  if (installation === 'denied')
    return recordedOnly(facts, `namespace ${namespace} may not be read`);
  const { operator, elsewhere, unreadable } = installation;
  if (elsewhere !== undefined) {
    const decidedBy = `there is no operator in namespace ${namespace}, and ${elsewhere.text}`;
    return { state: 'elsewhere', decidedBy, problems: [] };
  }
  if (operator === undefined && unreadable.length === 0) {
    const decidedBy = `there is no operator in namespace ${namespace}, nor in another one`;
    return { state: 'not-installed', decidedBy, problems: [] };
  }
  const { on, decidedBy, problems } = decideConsent(installation.switches);
  if (on && unreadable.length > 0) return recordedOnly(facts, 'not every switch may be read');
  return { state: on ? 'on' : 'off', decidedBy, problems };
}

/** A ledger says what an operator has recorded. None may run any more, or it has yet to follow a switch. */
function recordedOnly(facts: Facts, reason: string): Decision {
  const ledger = usableLedger(facts);
  if (ledger === undefined) return undecided(reason);
  return undecided(`${reason}. The ledger says ${ledger.consent}`);
}

function undecided(decidedBy: string): Decision {
  return { state: 'unknown', decidedBy, problems: [] };
}

function switchesOf(switches: readonly Switch[]): readonly SwitchView[] {
  const decider = decidingSwitch(switches);
  return switches.map((one) => ({
    name: one.name,
    value: valueText(one),
    says: meaningOf(one),
    decides: one === decider,
  }));
}

function valueText({ value }: Switch): string | undefined {
  if (value === undefined) return undefined;
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
  return text.length > VALUE_LIMIT ? `${text.slice(0, VALUE_LIMIT)}…` : text;
}

function problemsOf(
  { installation }: Facts,
  { namespace, flags }: TelemetryOptions,
): readonly string[] {
  if (installation === 'denied') {
    return [
      `You may not read namespace ${namespace}. Ask an administrator, or see what is missing: kusk cluster check${flags.kusk}`,
    ];
  }
  return installation === 'unread' ? [] : installation.unreadable;
}

function messagesOf({ ledger }: LedgerStanding): readonly string[] {
  const isHarmless = ['ok', 'unread', 'missing'].includes(ledger.state);
  return isHarmless || ledger.message === '' ? [] : [ledger.message];
}

function sourceOf(facts: Facts): 'kube-system' | 'ledger' | undefined {
  if (facts.computedId !== undefined) return 'kube-system';
  return clusterIdOf(facts) === undefined ? undefined : 'ledger';
}

function leaderOf({ lease }: Facts): LeaderView | undefined {
  const holder = lease?.spec.holderIdentity;
  if (lease === undefined || !holder) return undefined;
  return { holder, renewedAt: lease.spec.renewTime, isCurrent: lease.isCurrent };
}

function commandsOf(found: Installation | undefined, { state }: Decision) {
  if (found === undefined) return [];
  if (found.elsewhere) return found.elsewhere.commands;
  return state === 'off' ? found.commands.on : found.commands.off;
}
