import { LEDGER, MANAGER } from '../../cluster/object-names.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterTelemetry } from './cluster-telemetry.ts';
import type { Count } from './custom-resources.ts';
import { hasHandWritten } from './hand-written.ts';
import { type KubeObject, keyOf } from './kube-object.ts';
import { isToolsOwn, ownerOf, ownerText } from './owner.ts';
import { isRemovable } from './prune.ts';
import { ledgerIn, type Snapshot } from './snapshot.ts';

export interface UninstallChoice {
  readonly crds: boolean;
  readonly ledger: boolean;
}

/** What an uninstall deletes, and what it keeps. */
export interface Doomed {
  /** All of the operator: `deployments` and `others`. */
  readonly objects: readonly KubeObject[];
  readonly deployments: readonly KubeObject[];
  readonly others: readonly KubeObject[];
  /** The ledger, if it is to be deleted and exists. */
  readonly ledger: readonly KubeObject[];
  readonly crds: readonly KubeObject[];
  readonly kept: readonly KubeObject[];
}

/**
 * Returns what to delete: what has the label of this installation and belongs to `kusk` or kubectl. An
 * opt-out that a person wrote into the switches is kept with them.
 *
 * Throws a `CommandError` if a CRD is to be deleted that belongs to somebody else.
 */
export function planUninstall(snapshot: Snapshot, choice: UninstallChoice): Doomed {
  const { named, labelled, namespace } = snapshot;
  const own = labelled.filter(
    (object) => isRemovable(object, namespace) && !isToolsOwn(ownerOf(object)),
  );
  const objects = own.filter((object) => !hasHandWritten(object));
  const switches = own.filter(hasHandWritten);
  const ledger = [ledgerIn(snapshot)].filter((object) => object !== undefined);
  const crds = [...named.values()].filter(({ kind }) => kind === 'CustomResourceDefinition');
  if (choice.crds) crds.forEach(refuseForeignCrd);
  return {
    objects,
    deployments: objects.filter(({ kind }) => kind === 'Deployment'),
    others: objects.filter(({ kind }) => kind !== 'Deployment'),
    ledger: choice.ledger ? ledger : [],
    crds: choice.crds ? crds : [],
    kept: [...switches, ...(choice.ledger ? [] : ledger), ...(choice.crds ? [] : crds)],
  };
}

function refuseForeignCrd(crd: KubeObject): void {
  const owner = ownerOf(crd);
  if (!isToolsOwn(owner)) return;
  throw new CommandError(`${keyOf(crd)} belongs to ${ownerText(owner)}. Nothing was changed`, {
    advice: 'Leave --delete-crds out.',
  });
}

export interface LossOptions {
  /** What was made of each CRD of `doomed`. */
  readonly counts: readonly Count[];
  /** What is in the ledger of `doomed`. */
  readonly reading: ClusterTelemetry['ledger'];
  readonly namespace: string;
}

/** Says what will be lost. */
export function lossText(
  { objects, ledger, crds }: Doomed,
  { counts, reading, namespace }: LossOptions,
): string {
  const parts = counts.map(({ kind, count }) => `${count} ${kind}${count === 1 ? '' : 's'}`);
  return [
    ...(objects.length > 0
      ? [`From namespace ${namespace}: the operator, ${objects.length} objects.`]
      : []),
    ...(ledger.length > 0 ? [`The ledger: ${ledgerLoss(reading)}.`] : []),
    ...(crds.length > 0
      ? [
          `From the whole cluster: ${crds.length} CRDs, and with them`,
          `  ${parts.join(', ')}. This cannot be undone.`,
        ]
      : []),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

const SECOND = 'Another install is counted as a second installation';

function ledgerLoss(reading: ClusterTelemetry['ledger']): string {
  switch (reading.state) {
    case 'none':
    case 'empty':
      return 'it is empty';
    case 'damaged':
      return 'it is damaged';
    case 'newer':
      return `a newer operator has written it. ${SECOND}`;
    case 'foreign':
      return "it is another cluster's, and is not used in this one";
    case 'read': {
      const { pending, sent, since } = reading.ledger;
      return `telemetry since ${since}, ${pending.length} events that are not sent yet,\n  ${sent.length} that were. ${SECOND}`;
    }
  }
}

/** Says what was kept, and how to delete it. */
export function keptText({ kept }: Doomed): string {
  const crds = kept.filter(({ kind }) => kind === 'CustomResourceDefinition');
  const ledger = kept.find(({ metadata }) => metadata.name === LEDGER);
  const switches = kept.find(({ metadata }) => metadata.name === MANAGER);
  return [
    ...(crds.length > 0
      ? [`Kept: ${crds.length} CRDs and all that was made of them (--delete-crds)`]
      : []),
    ...(ledger
      ? [`Kept: ledger, so that a next install is not a second one (--delete-ledger)`]
      : []),
    ...(switches ? [`Kept: ${keyOf(switches)}, because a person has written into it`] : []),
    'Kept: the namespace, and in it an opt-out if there is one',
  ]
    .map((line) => `${line}\n`)
    .join('');
}
