import type { CommandSpec, Flag } from '../command.ts';
import { CLUSTER_FLAGS, OUTPUT_FLAG } from '../flags.ts';

const YES = {
  name: 'yes',
  short: 'y',
  aliases: ['no-confirm'],
  help: 'go on without a question',
} as const satisfies Flag;
const TIMEOUT = {
  name: 'timeout',
  value: 'DURATION',
  default: '5m',
  help: 'how long to wait',
} as const satisfies Flag;

const INSTALL_FLAGS = [
  ...CLUSTER_FLAGS,
  {
    name: 'analytics',
    value: 'STATE',
    choices: ['on', 'off'],
    help: 'whether the operator has telemetry',
  },
  { name: 'image', value: 'IMAGE', help: 'image of the operator, in full' },
  { name: 'replicas', value: 'COUNT', help: 'number of replicas, of which one leads' },
  { name: 'endpoint', value: 'URL', help: 'where events go (default: Segment)' },
  {
    name: 'write-key',
    value: 'KEY',
    help: "write key of the endpoint (default: the image's own)",
  },
  { name: 'dry-run', help: 'ask the API server and print what would change' },
  { name: 'force-conflicts', help: 'overwrite fields that others have set' },
  YES,
  TIMEOUT,
  { name: 'no-wait', help: 'do not wait until the operator is ready' },
  OUTPUT_FLAG,
] as const satisfies readonly Flag[];

const WITH_HELM = 'Everything else that the chart can do is set with Helm: charts/kusk-gateway.';

/** `kusk cluster ...`. */
export const CLUSTER_COMMANDS = [
  {
    name: 'cluster check',
    summary: 'Check whether the operator can be installed, and whether it works',
    description:
      'Prints a line for the API server, the rights of your account, the installation and its owner, the CRDs, Pod Security, readiness and telemetry, each with what to do. The exit code is 1 if one fails.',
    flags: [
      ...CLUSTER_FLAGS,
      { name: 'pre', help: 'check before an install: what is not there yet does not fail' },
      OUTPUT_FLAG,
    ],
    examples: [
      { command: 'kusk cluster check --pre', why: 'Before an install' },
      { command: 'kusk cluster check -o json', why: 'For a program' },
    ],
    counted: false,
    load: () => import('./cluster-check.ts'),
  },
  {
    name: 'cluster install',
    summary: 'Install the operator, and wait until it is ready',
    description: `Applies the objects of deploy/ by server-side apply, as field manager kusk. Running it again changes nothing.

Telemetry is on unless --analytics off says otherwise, it was off in the cluster before, or it is off on this machine by any switch. The last lines say which.

What was set before stays unless a flag changes it; an empty value is the default again. ${WITH_HELM}`,
    flags: [
      ...INSTALL_FLAGS,
      {
        name: 'export',
        help: 'print YAML for kubectl apply -f -, or JSON with -o json; needs no cluster',
      },
    ],
    examples: [
      { command: 'kusk cluster install', why: 'Into namespace kusk-system' },
      { command: 'kusk cluster install --analytics off', why: 'Silent from the start' },
      { command: 'kusk cluster install --dry-run', why: 'See what would change' },
      { command: 'kusk cluster install --export | kubectl apply -f -', why: 'With kubectl' },
    ],
    counted: true,
    load: () => import('./cluster-install.ts'),
  },
  {
    name: 'cluster upgrade',
    summary: "Bring the operator to this kusk's version",
    description: `Applies the objects of this version and deletes what an older one had and this one has not.

Telemetry stays as it is unless --analytics changes it. ${WITH_HELM}`,
    flags: INSTALL_FLAGS,
    examples: [
      { command: 'kusk cluster upgrade', why: 'To the version of this kusk' },
      { command: 'kusk cluster upgrade --replicas 2', why: 'With a second replica' },
    ],
    counted: true,
    load: () => import('./cluster-upgrade.ts'),
  },
  {
    name: 'cluster uninstall',
    summary: 'Delete the operator from a cluster',
    description:
      'Keeps the namespace, the CRDs with all APIs, StaticRoutes and EnvoyFleets, the ledger, so that another install is not counted as a second one, and an opt-out.',
    flags: [
      ...CLUSTER_FLAGS,
      { name: 'delete-crds', help: 'also delete the CRDs, and all that was made of them' },
      { name: 'delete-ledger', help: 'also delete what was counted' },
      YES,
      TIMEOUT,
    ],
    examples: [
      { command: 'kusk cluster uninstall', why: 'With a question' },
      { command: 'kusk cluster uninstall --yes', why: 'In a script' },
    ],
    counted: true,
    load: () => import('./cluster-uninstall.ts'),
  },
] as const satisfies readonly CommandSpec[];
