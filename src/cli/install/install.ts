import type { Consent } from '../../consent/consent.ts';
import type { CommandContext, ExitCode } from '../command.ts';
import { CommandError } from '../command-error.ts';
import { isFlagSet } from '../flags.ts';
import { newProgress, type Progress } from '../output/progress.ts';
import { carryOut, type Done } from './carry-out.ts';
import { clusterFlags, kuskFlags } from './cluster-flags.ts';
import { formerSettings } from './former-settings.ts';
import { keyOf } from './kube-object.ts';
import { planInstall } from './plan.ts';
import { confirmTakeover, refuseConflicts, refuseMissingRights } from './preflight.ts';
import { preview } from './preview.ts';
import {
  isForced,
  type Prepared,
  printKeptImage,
  printPreview,
  printResult,
} from './print-install.ts';
import { ownObjects, refuseForeign } from './refusals.ts';
import { isOrdinary, objectsText } from './report.ts';
import type { Session } from './session.ts';
import { decideSettings, type Wishes } from './settings.ts';
import { readSnapshot } from './snapshot.ts';
import { type Outcome, waitForRollout } from './wait-rollout.ts';

export interface InstallOptions {
  readonly command: 'install' | 'upgrade';
  readonly namespace: string;
  readonly wishes: Wishes;
  /** Whether this machine's telemetry is on. */
  readonly machine: Consent;
  /** How long the operator may take to be ready, in milliseconds. */
  readonly timeoutMs: number;
}

/** Installs or upgrades the operator, or prints what that would change. */
export async function installIn(
  session: Session,
  options: InstallOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const progress = newProgress({ terminal: context.stderr, time: context.time });
  try {
    progress.wait(`Reading namespace ${options.namespace}`);
    const prepared = await prepare(session, options, context);
    progress.stop();
    printKeptImage(prepared, context);
    if (isFlagSet(context.flags, 'dry-run')) return await printPreview(session, prepared, context);
    await confirmTakeover(prepared.steps, context);
    progress.wait('Checking rights and fields');
    await preflight(session, prepared, context);
    const done = await perform(session, prepared, { progress, force: isForced(context) });
    const outcome = isFlagSet(context.flags, 'no-wait')
      ? undefined
      : await waitFor(session, options, { context, progress });
    progress.stop();
    return await printResult(session, { ...prepared, done, outcome }, context);
  } catch (error) {
    throw context.signal.aborted ? interrupted(error) : error;
  } finally {
    progress.stop();
  }
}

async function prepare(
  { api }: Session,
  options: InstallOptions,
  context: CommandContext,
): Promise<Prepared> {
  const flags = clusterFlags(context.flags);
  const snapshot = await readSnapshot(api, options.namespace);
  refuseForeign(snapshot, { command: options.command, flags });
  if (options.command === 'upgrade' && ownObjects(snapshot).length === 0) {
    throw new CommandError(`nothing is installed in namespace ${options.namespace}`, {
      advice: `Install it: kusk cluster install${kuskFlags(options.namespace, flags)}`,
    });
  }
  const decided = decideSettings({ ...options, former: formerSettings(snapshot) });
  return { snapshot, decided, steps: planInstall(snapshot, decided.settings) };
}

/** Throws before anything is changed if something stands in the way. */
async function preflight(
  { api }: Session,
  { steps, snapshot }: Prepared,
  context: CommandContext,
): Promise<void> {
  await refuseMissingRights(api, { steps, snapshot });
  const force = isForced(context);
  const { conflicts } = await preview(steps, { api, snapshot, force });
  refuseConflicts(conflicts, snapshot);
}

async function perform(
  { api }: Session,
  { steps, snapshot }: Prepared,
  { progress, force }: { readonly progress: Progress; readonly force: boolean },
): Promise<readonly Done[]> {
  progress.wait('Applying');
  const done = await carryOut(steps, {
    api,
    snapshot,
    force,
    onDone({ result, object, why }) {
      if (result === 'unchanged' && isOrdinary(why)) return;
      progress.line(`${result.padEnd(9)}  ${keyOf(object)}${why ? ` (${why})` : ''}`);
    },
  });
  const same = done.filter(({ result, why }) => result === 'unchanged' && isOrdinary(why)).length;
  if (same > 0) progress.line(`unchanged  ${objectsText(same)}`);
  return done;
}

interface WaitForOptions {
  readonly context: CommandContext;
  readonly progress: Progress;
}

async function waitFor(
  { api }: Session,
  { namespace, timeoutMs }: InstallOptions,
  { context, progress }: WaitForOptions,
): Promise<Outcome> {
  const { time, signal } = context;
  return await waitForRollout({
    api,
    flags: clusterFlags(context.flags),
    namespace,
    timeoutMs,
    time,
    signal,
    onProgress: (text) => progress.wait(`Waiting: ${text}`),
  });
}

function interrupted(cause: unknown): CommandError {
  return new CommandError('interrupted', {
    advice: 'What is done stays. The same command goes on from there.',
    cause,
  });
}
