import type { ClusterStatus } from '../../src/cli/commands/analytics-cluster.ts';
import type { MachineStatus } from '../../src/cli/commands/analytics-machine.ts';
import type { Versions } from '../../src/cli/commands/version.ts';
import type { CheckLine } from '../../src/cli/install/check-line.ts';
import type { InstallReport, ReportedChange } from '../../src/cli/install/report.ts';

/** The members of a document, each with its meaning: `a.b` is a member of a member. */
type Members<Name extends string = string> = Readonly<Record<Name, string>>;

/** Members of `machine` and of `cluster` that mean the same in both. */
const STATUS = {
  telemetry: 'whether telemetry is on',
  decidedBy: 'the switch that decided',
  since: 'since when it is so, in ISO 8601; null if that is not known',
  id: 'the id that events are sent under',
  endpoint: 'where events go, without user, password and query',
  pending: 'how many events are not acknowledged yet',
  change: 'how to change it, as a sentence',
  problems: 'everything that is invalid, each with what to do',
} as const;

const MACHINE: Members<keyof MachineStatus> = {
  ...STATUS,
  state: 'the path of the state folder',
};

const CLUSTER: Members<keyof ClusterStatus> = {
  ...STATUS,
  namespace: 'the namespace that was looked at',
  telemetry: '`on`, `off`, `none` without an operator, `unknown` if the cluster cannot be read',
  writeKey: "`set`, or `unknown` if only the operator's image can have one",
  operator: "the operator's version, else its name",
  operatorTag:
    "the tag of the operator's image, if it is not the version, as after an upgrade that kept an image",
  owner: 'what has installed it',
};

const CHECK: Members<`checks[].${keyof CheckLine}` | 'ok' | 'namespace'> = {
  ok: 'whether nothing failed',
  namespace: 'the namespace that was looked at',
  'checks[].check':
    '`API server`, `rights`, `installation`, `CRDs`, `Pod Security`, `readiness` or `telemetry`',
  'checks[].status': '`ok`, `warning` or `failed`',
  'checks[].text': 'what was found',
  'checks[].advice': 'what to do, if there is something',
};

const INSTALL: Members<
  | Exclude<keyof InstallReport, 'analytics' | 'changes'>
  | `analytics.${keyof InstallReport['analytics']}`
  | `changes[].${keyof ReportedChange}`
> = {
  namespace: 'the namespace of the operator',
  version: "the operator's version; null if an image stays that was set before",
  dryRun: 'whether nothing was changed, as with `--dry-run`',
  ready: 'whether the operator is ready; null if nobody waited',
  'analytics.enabled': "whether the operator's telemetry is on",
  'analytics.decidedBy': 'the switch that decided',
  'changes[].action': 'what was done to an object, or would be',
  'changes[].kind': 'its kind',
  'changes[].namespace': 'its namespace, if it has one',
  'changes[].name': 'its name',
  'changes[].why': 'why it is kept, if it is',
  'changes[].fields': 'with `--dry-run`, each field that would change: `path`, `from`, `to`',
};

const EVENTS: Members = {
  '[]': 'an event, exactly as it leaves: [telemetry.md](telemetry.md)',
};

/** What `-o json` and `-o yaml` print, by command. */
export const DOCUMENTS: Readonly<Record<string, Members>> = {
  'cluster check': CHECK,
  'cluster install': INSTALL,
  'cluster upgrade': INSTALL,
  'analytics status': {
    ...prefixed('machine', MACHINE),
    cluster: 'null if there is no kubeconfig',
    ...prefixed('cluster', CLUSTER),
  },
  'analytics preview': EVENTS,
  'analytics log': EVENTS,
  version: {
    kusk: "kusk's own version",
    operator: "the operator's version, or null",
    operatorTag: "the tag of the operator's image, if it is not the version; else null",
    cluster:
      '`installed`, `none`, `unreachable`, `slow` or `forbidden`; null if there is no kubeconfig, and with `--client`',
  } satisfies Members<keyof Versions>,
};

function prefixed(name: string, members: Members): Members {
  return Object.fromEntries(
    Object.entries(members).map(([member, text]) => [`${name}.${member}`, text]),
  );
}
