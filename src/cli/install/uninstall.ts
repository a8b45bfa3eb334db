import type { CommandContext, ExitCode } from '../command.ts';
import { CommandError } from '../command-error.ts';
import { isFlagSet } from '../flags.ts';
import { newProgress, type Progress } from '../output/progress.ts';
import { safeLines } from '../output/safe-text.ts';
import { clusterFlags } from './cluster-flags.ts';
import { readLedger } from './cluster-telemetry.ts';
import { countResources } from './custom-resources.ts';
import type { KubeApi } from './kube-api.ts';
import { type KubeObject, keyOf, refOf } from './kube-object.ts';
import { refuseRights } from './preflight.ts';
import { refuseForeign } from './refusals.ts';
import { missingRights, rightText } from './rights.ts';
import type { Session } from './session.ts';
import { readSnapshot } from './snapshot.ts';
import {
  type Doomed,
  keptText,
  type LossOptions,
  lossText,
  planUninstall,
} from './uninstall-plan.ts';

export interface UninstallOptions {
  readonly namespace: string;
  /** How long the operator may take to end, in milliseconds. */
  readonly timeoutMs: number;
}

const POLL_MS = 250;

/** Deletes the operator from a cluster. What is deleted already does not matter. */
export async function uninstallFrom(
  { api }: Session,
  { namespace, timeoutMs }: UninstallOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const snapshot = await readSnapshot(api, namespace);
  refuseForeign(snapshot, { command: 'uninstall', flags: clusterFlags(context.flags) });
  refuseRights(snapshot.forbidden);
  const doomed = planUninstall(snapshot, {
    crds: isFlagSet(context.flags, 'delete-crds'),
    ledger: isFlagSet(context.flags, 'delete-ledger'),
  });
  if (allOf(doomed).length === 0) {
    context.stdout.write(
      `Nothing is left to delete in namespace ${namespace}.\n${keptText(doomed)}`,
    );
    return 0;
  }
  const rights = allOf(doomed).map((object) => ({ verb: 'delete', object }) as const);
  refuseRights((await missingRights(api, rights)).map(rightText));
  const counts = await Promise.all(doomed.crds.map((crd) => countResources(api, crd)));
  const reading = await readLedger(api, doomed.ledger[0]);
  await confirmLoss(doomed, { counts, reading, context, namespace });
  await removeAll(api, doomed, { context, timeoutMs });
  context.stdout.write(`Uninstalled from namespace ${namespace}.\n${keptText(doomed)}`);
  return 0;
}

function allOf({ objects, ledger, crds }: Doomed): readonly KubeObject[] {
  return [...objects, ...ledger, ...crds];
}

interface ConfirmOptions extends LossOptions {
  readonly context: CommandContext;
}

/** Says what will be lost. Throws a `CommandError` if the person does not want that. */
async function confirmLoss(doomed: Doomed, { context, ...loss }: ConfirmOptions): Promise<void> {
  context.stderr.write(safeLines(lossText(doomed, loss)));
  if (isFlagSet(context.flags, 'yes')) return;
  if (await context.confirm('Delete this?')) return;
  throw new CommandError('nothing was changed');
}

interface RemoveAllOptions {
  readonly context: CommandContext;
  readonly timeoutMs: number;
}

async function removeAll(
  api: KubeApi,
  doomed: Doomed,
  { context, timeoutMs }: RemoveAllOptions,
): Promise<void> {
  const { time, signal, stderr } = context;
  const progress = newProgress({ terminal: stderr, time });
  const options = { api, progress, time, signal, end: time.steady() + timeoutMs };
  try {
    // The operator ends before its rights and its ledger go.
    for (const object of doomed.deployments) await removeAndWait(object, options);
    for (const object of doomed.others) await removeOne(object, options);
    for (const object of doomed.ledger) await removeOne(object, options);
    for (const object of doomed.crds) await removeAndWait(object, options);
  } finally {
    progress.stop();
  }
}

interface RemoveOptions extends Pick<CommandContext, 'time' | 'signal'> {
  readonly api: KubeApi;
  readonly progress: Progress;
  /** When to give up, by `time.steady`. */
  readonly end: number;
}

async function removeOne(object: KubeObject, { api, progress }: RemoveOptions): Promise<void> {
  await api.remove(object);
  progress.line(`deleted  ${keyOf(object)}`);
}

/** Resolves when the object is gone, and with it what belongs to it. */
async function removeAndWait(object: KubeObject, options: RemoveOptions): Promise<void> {
  const { api, progress, time, signal, end } = options;
  await api.remove(object, { foreground: true });
  progress.wait(`Waiting until ${keyOf(object)} is gone`);
  while ((await api.read(refOf(object)))?.metadata.uid === object.metadata.uid) {
    if (time.steady() >= end) {
      throw new CommandError(`${keyOf(object)} is still there`, {
        exitCode: 4,
        advice: 'Its pods or finalizers have not ended. The same command goes on from here.',
      });
    }
    await time.wait(POLL_MS, signal);
  }
  progress.line(`deleted  ${keyOf(object)}`);
}
