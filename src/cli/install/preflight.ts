import type { CommandContext } from '../command.ts';
import { CommandError } from '../command-error.ts';
import { isFlagSet } from '../flags.ts';
import type { Conflict } from './conflicts.ts';
import type { KubeApi } from './kube-api.ts';
import { type Step, takeovers } from './plan.ts';
import { conflictText } from './report.ts';
import { missingRights, type Right, rightText, type Verb } from './rights.ts';
import type { Snapshot } from './snapshot.ts';

const VERBS: Readonly<Record<Step['action'], readonly Verb[]>> = {
  apply: ['create', 'patch'],
  create: ['create'],
  mark: ['patch'],
  delete: ['delete'],
  keep: [],
};

export interface PlannedOptions {
  readonly steps: readonly Step[];
  readonly snapshot: Pick<Snapshot, 'forbidden'>;
}

/** Throws a `CommandError` that names each right that the steps need and the account lacks. */
export async function refuseMissingRights(
  api: KubeApi,
  { steps, snapshot }: PlannedOptions,
): Promise<void> {
  const rights = steps.flatMap(({ action, object }) =>
    VERBS[action].map((verb): Right => ({ verb, object })),
  );
  const missing = await missingRights(api, rights);
  refuseRights([...snapshot.forbidden, ...missing.map(rightText)]);
}

/** Throws a `CommandError` if there is any of these. */
export function refuseRights(missing: readonly string[]): void {
  if (missing.length === 0) return;
  const lines = missing.map((one) => `\n  ${one}`).join('');
  throw new CommandError(`your account lacks these rights, and nothing was changed:${lines}`, {
    exitCode: 3,
    advice:
      'Ask an administrator of the cluster for them, or to run this command. With the rights of a\n' +
      'namespace alone use Helm: charts/kusk-gateway/ci/namespace-admin-values.yaml',
  });
}

const OVERWRITE = 'To overwrite them, add --force-conflicts. To keep them, use Helm.';

/** Throws a `CommandError` that shows each field which others have set to another value. */
export function refuseConflicts(
  conflicts: readonly Conflict[],
  { named }: Snapshot,
  { advice = OVERWRITE }: { readonly advice?: string } = {},
): void {
  if (conflicts.length === 0) return;
  throw new CommandError(
    `others have set fields of these objects, and nothing was changed:\n${conflictText(conflicts, named)}`,
    { advice },
  );
}

/** Asks whether to take over what kubectl applied. Throws a `CommandError` if the answer is no. */
export async function confirmTakeover(
  steps: readonly Step[],
  { flags, confirm }: CommandContext,
): Promise<void> {
  const count = takeovers(steps).length;
  if (count === 0 || isFlagSet(flags, 'yes')) return;
  const question = `${count} objects here were applied with kubectl. Shall kusk keep them from now on?`;
  if (await confirm(question)) return;
  throw new CommandError('nothing was changed', {
    advice: 'Go on with kubectl: kubectl apply --server-side -k deploy',
  });
}
