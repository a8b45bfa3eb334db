import { type Conflict, conflictsIn } from './conflicts.ts';
import { type Difference, differences } from './differences.ts';
import { installedManifests } from './hand-written.ts';
import type { KubeApi } from './kube-api.ts';
import { type KubeObject, keyOf } from './kube-object.ts';
import type { Step } from './plan.ts';
import type { Snapshot } from './snapshot.ts';

/** What a step would do to its object. */
export interface Change {
  readonly action: 'create' | 'change' | 'keep' | 'delete';
  readonly object: KubeObject;
  /** Why it is kept. */
  readonly why?: string;
  /** The fields of an object that is changed. */
  readonly differences: readonly Difference[];
}

export interface Preview {
  readonly changes: readonly Change[];
  /** Fields that other managers have set to other values. */
  readonly conflicts: readonly Conflict[];
}

export interface PreviewOptions {
  readonly api: KubeApi;
  readonly snapshot: Snapshot;
  readonly force: boolean;
}

/**
 * Lets the API server check each step without storing anything. Rejects with the first error that is
 * not a conflict.
 */
export async function preview(steps: readonly Step[], options: PreviewOptions): Promise<Preview> {
  const results = await Promise.all(steps.map((step) => previewStep(step, options)));
  return {
    changes: results.flatMap(({ change }) => change ?? []),
    conflicts: results.flatMap(({ conflicts = [] }) => conflicts),
  };
}

interface Result {
  readonly change?: Change;
  readonly conflicts?: readonly Conflict[];
}

async function previewStep(step: Step, options: PreviewOptions): Promise<Result> {
  const { object } = step;
  switch (step.action) {
    case 'keep':
      return { change: { action: 'keep', object, why: step.why, differences: [] } };
    case 'delete':
      await options.api.remove(object, { dryRun: true });
      return { change: { action: 'delete', object, differences: [] } };
    case 'mark':
      return { change: { action: 'change', object, differences: [] } };
    case 'create':
      return { change: { action: 'create', object, differences: [] } };
    case 'apply':
      return await previewApply(step, options);
  }
}

type ApplyStep = Extract<Step, { readonly action: 'apply' }>;

async function previewApply(
  step: ApplyStep,
  { api, snapshot, force }: PreviewOptions,
): Promise<Result> {
  const { object, takeover } = step;
  const live = snapshot.named.get(keyOf(object));
  // In a namespace that does not exist the API server checks nothing.
  if (!canCheck(object, snapshot)) return { change: { action: 'create', object, differences: [] } };
  try {
    return changeOf(step, await api.apply(object, { dryRun: true, force }), live);
  } catch (error) {
    const all = conflictsIn(error, object);
    if (all.length === 0) throw error;
    // What is taken over is ours by then.
    const taken = (takeover ? installedManifests(takeover) : []).map(({ manager }) => manager);
    const conflicts = all.filter(({ manager }) => !taken.includes(manager));
    if (conflicts.length > 0) return { conflicts };
    return changeOf(step, await api.apply(object, { dryRun: true, force: true }), live);
  }
}

function changeOf(
  { object, takeover }: ApplyStep,
  result: KubeObject,
  live: KubeObject | undefined,
): Result {
  if (live === undefined) return { change: { action: 'create', object, differences: [] } };
  const found = differences(live, result);
  const action = found.length > 0 || takeover ? 'change' : 'keep';
  return { change: { action, object, why: 'unchanged', differences: found } };
}

function canCheck({ metadata }: KubeObject, { named, namespace }: Snapshot): boolean {
  return metadata.namespace === undefined || named.has(`Namespace ${namespace}`);
}
