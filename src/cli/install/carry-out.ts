import { hasStatus } from '../../cluster/errors.ts';
import { installedManifests } from './hand-written.ts';
import type { KubeApi } from './kube-api.ts';
import { type KubeObject, keyOf, refOf } from './kube-object.ts';
import type { Step } from './plan.ts';
import type { Snapshot } from './snapshot.ts';
import { takeoverPatch } from './takeover.ts';

/** What was done to an object. */
export interface Done {
  readonly result: 'created' | 'changed' | 'unchanged' | 'deleted';
  readonly object: KubeObject;
  /** Why it was left as it is. */
  readonly why?: string;
}

export interface CarryOutOptions {
  readonly api: KubeApi;
  readonly snapshot: Snapshot;
  readonly force: boolean;
  /** Called after each step. */
  readonly onDone: (done: Done) => void;
}

/** How often an object is read again that somebody changes at the same time. */
const ATTEMPTS = 5;

/**
 * Carries out the steps in their order. Rejects with the first error: what is done stays done, and the
 * same plan goes on from there.
 */
export async function carryOut(
  steps: readonly Step[],
  options: CarryOutOptions,
): Promise<readonly Done[]> {
  const done: Done[] = [];
  for (const step of steps) {
    const one = await carryOutStep(step, options);
    options.onDone(one);
    done.push(one);
  }
  return done;
}

async function carryOutStep(step: Step, options: CarryOutOptions): Promise<Done> {
  const { api } = options;
  switch (step.action) {
    case 'keep':
      return { result: 'unchanged', object: step.object, why: step.why };
    case 'delete':
      await api.remove(step.object);
      return { result: 'deleted', object: step.object };
    case 'mark':
      return await mark(step.object, options);
    case 'create':
      return await create(step.object, api);
    case 'apply':
      return await apply(step, options);
  }
}

async function create(object: KubeObject, api: KubeApi): Promise<Done> {
  try {
    await api.create(object);
    return { result: 'created', object };
  } catch (error) {
    if (!hasStatus(error, 409)) throw error;
    return { result: 'unchanged', object, why: 'exists' };
  }
}

async function apply(
  { object, takeover }: Extract<Step, { readonly action: 'apply' }>,
  { api, snapshot, force }: CarryOutOptions,
): Promise<Done> {
  const before = snapshot.named.get(keyOf(object));
  if (takeover) await takeOver(takeover, api);
  const after = await api.apply(object, { force });
  if (before === undefined) return { result: 'created', object };
  const isSame = before.metadata.resourceVersion === after.metadata.resourceVersion;
  return { result: isSame ? 'unchanged' : 'changed', object };
}

/** Makes the fields that kubectl applied fields of `kusk`. */
async function takeOver(found: KubeObject, api: KubeApi): Promise<void> {
  const ref = refOf(found);
  let live: KubeObject | undefined = found;
  for (let attempt = 1; live !== undefined; attempt += 1) {
    const patch = takeoverPatch(live, installedManifests(live));
    if (patch === undefined) return;
    try {
      await api.patch(ref, patch);
      return;
    } catch (error) {
      // The object has changed since it was read: the test in the patch failed.
      if (!hasStatus(error, 409, 422) || attempt >= ATTEMPTS) throw error;
      live = await api.read(ref);
    }
  }
}

/** Consent begins with the last change of a ledger that was never written. */
async function mark(object: KubeObject, { api, snapshot }: CarryOutOptions): Promise<Done> {
  const resourceVersion = snapshot.named.get(keyOf(object))?.metadata.resourceVersion;
  const { annotations } = object.metadata;
  try {
    await api.merge(refOf(object), { metadata: { resourceVersion, annotations } });
    return { result: 'changed', object };
  } catch (error) {
    // The operator has written it in the meantime.
    if (!hasStatus(error, 409)) throw error;
    return { result: 'unchanged', object, why: 'in use' };
  }
}
