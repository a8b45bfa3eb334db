import { KubeStatusError } from '../../cluster/errors.ts';
import type { KubeObject } from './kube-object.ts';

/** A field that another manager has set to another value. */
export interface Conflict {
  readonly object: KubeObject;
  /** `.spec.replicas`. */
  readonly field: string;
  /** `kubectl-edit`. */
  readonly manager: string;
}

/** Returns the conflicts in an error of a server-side apply; none if it is another error. */
export function conflictsIn(error: unknown, object: KubeObject): readonly Conflict[] {
  if (!(error instanceof KubeStatusError) || error.status !== 409) return [];
  return error.explain().causes.map(({ field, message }) => ({
    object,
    field,
    manager: managerIn(message),
  }));
}

/** `conflict with "kubectl" with subresource "scale" using apps/v1`. */
function managerIn(message: string): string {
  const [, manager = 'another program', subresource] =
    /^conflict with "([^"]*)"(?: with subresource "([^"]*)")?/.exec(message) ?? [];
  return subresource === undefined ? manager : `${manager} ${subresource}`;
}
