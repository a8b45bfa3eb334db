import type { KubeObject } from './kube-object.ts';

/** The Deployment is last: its pods find everything else. */
const FIRST = ['Namespace', 'CustomResourceDefinition', 'ServiceAccount', 'ConfigMap', 'Secret'];
const LAST = 'Deployment';

/** Returns objects in the order in which they are applied. */
export function inApplyOrder<One extends Pick<KubeObject, 'kind'>>(
  objects: readonly One[],
): readonly One[] {
  return [...objects].sort((one, other) => rank(one) - rank(other));
}

function rank({ kind }: Pick<KubeObject, 'kind'>): number {
  const place = FIRST.indexOf(kind);
  if (place >= 0) return place;
  return kind === LAST ? FIRST.length + 1 : FIRST.length;
}
