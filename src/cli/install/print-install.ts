import type { CommandContext, ExitCode } from '../command.ts';
import { CommandError } from '../command-error.ts';
import { flagText, isFlagSet } from '../flags.ts';
import { writeDocument } from '../output/documents.ts';
import { safeText } from '../output/safe-text.ts';
import type { Done } from './carry-out.ts';
import { clusterFlags } from './cluster-flags.ts';
import { readClusterTelemetry } from './cluster-telemetry.ts';
import { chartVersion } from './objects.ts';
import type { Step } from './plan.ts';
import { refuseConflicts } from './preflight.ts';
import { preview } from './preview.ts';
import {
  closingText,
  type InstallReport,
  previewText,
  reportedChange,
  reportedDone,
} from './report.ts';
import type { Session } from './session.ts';
import type { Decided } from './settings.ts';
import type { Snapshot } from './snapshot.ts';
import { switchOn } from './switch-on.ts';
import type { Outcome } from './wait-rollout.ts';

/** An install that is decided and not begun. */
export interface Prepared {
  readonly snapshot: Snapshot;
  readonly decided: Decided;
  readonly steps: readonly Step[];
}

/** Returns whether fields of other managers are overwritten. */
export function isForced({ flags }: CommandContext): boolean {
  return isFlagSet(flags, 'force-conflicts');
}

/** Says that an upgrade does not bring a new operator if the image was set before. */
export function printKeptImage({ decided }: Prepared, { stderr }: CommandContext): void {
  const { keptImage } = decided;
  if (keptImage === undefined) return;
  stderr.write(`The image stays ${safeText(keptImage)}, as it was set. --image names another.\n`);
}

/** Prints what the steps would change. */
export async function printPreview(
  { api }: Session,
  { snapshot, steps, decided }: Prepared,
  context: CommandContext,
): Promise<ExitCode> {
  const { changes, conflicts } = await preview(steps, { api, snapshot, force: isForced(context) });
  refuseConflicts(conflicts, snapshot);
  const report: InstallReport = {
    ...reportOf(decided),
    dryRun: true,
    ready: null,
    changes: changes.map(reportedChange),
  };
  const { settings, decidedBy } = decided;
  writeDocument(report, {
    format: flagText(context.flags, 'output'),
    terminal: context.stdout,
    text: () =>
      `${previewText(changes)}\nTelemetry would be ${settings.analytics ? 'ON' : 'OFF'}: ${decidedBy}.\nNothing was changed.\n`,
  });
  return 0;
}

interface Finished extends Prepared {
  readonly done: readonly Done[];
  readonly outcome: Outcome | undefined;
}

/**
 * Prints what was done, and whether telemetry is on. Throws a `CommandError` with exit code 4 if the
 * operator is not ready.
 */
export async function printResult(
  { api }: Session,
  { decided, done, outcome }: Finished,
  context: CommandContext,
): Promise<ExitCode> {
  const { settings, decidedBy } = decided;
  const { namespace } = settings;
  const telemetry = await readClusterTelemetry(api, namespace);
  const { consent } = telemetry;
  const report: InstallReport = {
    ...reportOf(decided),
    dryRun: false,
    ready: outcome?.ready ?? null,
    analytics: {
      enabled: consent.on,
      decidedBy: settings.analytics ? consent.decidedBy : decidedBy,
    },
    changes: done.map(reportedDone),
  };
  const { columns } = context.stdout;
  const flags = clusterFlags(context.flags);
  const closing = {
    namespace,
    flags,
    consent,
    decidedBy,
    installedOn: settings.analytics,
    switchOn: switchOn(telemetry, flags),
    columns,
  };
  writeDocument(report, {
    format: flagText(context.flags, 'output'),
    terminal: context.stdout,
    text: () => `${stateText(report, done)}\n${closingText(closing)}`,
  });
  if (outcome === undefined || outcome.ready) return 0;
  throw new CommandError(`the operator is not ready: ${outcome.text}`, {
    exitCode: 4,
    advice: `${outcome.advice}\nThe same command goes on from here.`,
  });
}

function stateText({ version, namespace, ready }: InstallReport, done: readonly Done[]): string {
  const isSame = done.every(({ result }) => result === 'unchanged');
  const state = ready === null ? 'applied' : ready ? 'ready' : 'not ready';
  const what = isSame ? 'Nothing had to be changed' : 'Installed';
  const operator = version === null ? 'the operator' : `the operator ${version}`;
  return `${what}: ${operator} in namespace ${namespace} is ${state}.`;
}

function reportOf({ settings, decidedBy, keptImage }: Decided) {
  const { namespace, analytics } = settings;
  const version = keptImage === undefined ? chartVersion() : null;
  return { namespace, version, analytics: { enabled: analytics, decidedBy } };
}
