import { LEDGER, MANAGER } from '../../cluster/object-names.ts';
import { hasHandWritten, installedManifests, keepHandWritten } from './hand-written.ts';
import type { KubeObject } from './kube-object.ts';
import { keyOf } from './kube-object.ts';
import type { InstallSettings } from './object-settings.ts';
import { installationObjects } from './objects.ts';
import { ownerOf, ownerText } from './owner.ts';
import { prunable } from './prune.ts';
import { ownObjects } from './refusals.ts';
import { FORMER_CRD, ledgerIn, type Snapshot } from './snapshot.ts';

/** What is done to one object. */
export type Step =
  /** Server-side apply. With `takeover`, the live object's fields of kubectl become ours first. */
  | { readonly action: 'apply'; readonly object: KubeObject; readonly takeover?: KubeObject }
  /** It does not exist. One that is created in the meantime is left as it is. */
  | { readonly action: 'create'; readonly object: KubeObject }
  /** The ledger was never written: consent begins at the time of its last change. */
  | { readonly action: 'mark'; readonly object: KubeObject }
  | { readonly action: 'delete'; readonly object: KubeObject }
  | { readonly action: 'keep'; readonly object: KubeObject; readonly why: string };

const RENDERED = 'telemetry.kusk.io/rendered';
const WRITTEN = 'telemetry.kusk.io/written';

/** Returns what turns the cluster of a snapshot into an installation with these settings, in order. */
export function planInstall(snapshot: Snapshot, settings: InstallSettings): readonly Step[] {
  const wanted = installationObjects(settings);
  const { namespace, labelled } = snapshot;
  const steps = wanted.map((object) => stepFor(object, snapshot));
  const isTakeover = takeovers(steps).length > 0;
  const deletions = prunable(labelled, { namespace, wanted, isTakeover }).map(deletion);
  return [...steps, ...deletions];
}

/**
 * What a person wrote into the switches is not deleted with them: an apply without any field leaves the
 * fields of others.
 */
function deletion(object: KubeObject): Step {
  const { apiVersion, kind, metadata } = object;
  if (!hasHandWritten(object)) return { action: 'delete', object };
  const { name, namespace = '' } = metadata;
  return applyStep({ apiVersion, kind, metadata: { name, namespace } }, object);
}

/** Returns the objects that kubectl applied and that an install takes over. */
export function takeovers(steps: readonly Step[]): readonly KubeObject[] {
  return steps.flatMap((step) => (step.action === 'apply' && step.takeover ? [step.takeover] : []));
}

function stepFor(object: KubeObject, snapshot: Snapshot): Step {
  const live = snapshot.named.get(keyOf(object));
  if (object.kind === 'Namespace') return live ? kept(object) : { action: 'apply', object };
  if (object.kind === 'CustomResourceDefinition') return crdStep(object, live, snapshot);
  if (object.kind === 'Lease') return live ? kept(object) : { action: 'create', object };
  if (object.metadata.name === LEDGER) return ledgerStep(object, snapshot);
  return applyStep(keepHandWritten(object, live), live);
}

function kept(object: KubeObject): Step {
  return { action: 'keep', object, why: 'exists' };
}

function applyStep(object: KubeObject, live: KubeObject | undefined): Step {
  if (live === undefined || ownerOf(live).by !== 'kubectl') return { action: 'apply', object };
  if (installedManifests(live).length === 0) return { action: 'apply', object };
  return { action: 'apply', object, takeover: live };
}

function ledgerStep(object: KubeObject, snapshot: Snapshot): Step {
  const live = ledgerIn(snapshot);
  if (live === undefined) return { action: 'create', object };
  const { [RENDERED]: before, [WRITTEN]: written } = live.metadata.annotations ?? {};
  const isEmpty = written === undefined && Object.keys((live.data ?? {}) as object).length === 0;
  const after = object.metadata.annotations?.[RENDERED];
  return isEmpty && before !== after ? { action: 'mark', object } : kept(object);
}

/**
 * A CRD serves whatever its owner is. One of another owner is left as it is, and so is that of Kusk
 * Gateway 1.x, beside which the kind can't be served a second time.
 */
function crdStep(object: KubeObject, live: KubeObject | undefined, snapshot: Snapshot): Step {
  const isFormer =
    snapshot.formerCrd !== undefined && object.metadata.name === 'envoyfleets.gateway.kusk.io';
  if (isFormer)
    return { action: 'keep', object, why: `${FORMER_CRD} of Kusk Gateway 1.x serves it` };
  if (live === undefined) return { action: 'apply', object };
  const owner = ownerOf(live);
  if (owner.by === 'kusk') return { action: 'apply', object };
  if (owner.by === 'kubectl' && isKubectls(snapshot)) return applyStep(object, live);
  return { action: 'keep', object, why: `belongs to ${ownerText(owner)}` };
}

/** Returns whether kubectl applied the operator itself, and not only CRDs or rights. */
function isKubectls(snapshot: Snapshot): boolean {
  return ownObjects(snapshot).some(
    (object) =>
      object.kind === 'Deployment' &&
      object.metadata.name === MANAGER &&
      ownerOf(object).by === 'kubectl',
  );
}
