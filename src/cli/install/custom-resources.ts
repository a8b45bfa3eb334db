import { hasStatus } from '../../cluster/errors.ts';
import type { KubeApi } from './kube-api.ts';
import type { KubeObject } from './kube-object.ts';

interface CrdSpec {
  readonly group: string;
  readonly names: { readonly plural: string; readonly kind: string };
  readonly versions: readonly { readonly name: string; readonly served: boolean }[];
}

/** How many objects of a kind are in the whole cluster. */
export interface Count {
  readonly kind: string;
  readonly count: number;
}

/** Counts what was made of a CRD. The API server sends one object and the number of the others. */
export async function countResources(api: KubeApi, crd: KubeObject): Promise<Count> {
  const { group, names, versions } = crd.spec as unknown as CrdSpec;
  const version = versions.find(({ served }) => served)?.name;
  if (version === undefined) return { kind: names.kind, count: 0 };
  const path = `/apis/${encodeURIComponent(group)}/${encodeURIComponent(version)}/${encodeURIComponent(names.plural)}`;
  try {
    const { items, metadata } = (await api.get(`${path}?limit=1`)) as {
      readonly items?: readonly unknown[] | null;
      readonly metadata?: { readonly remainingItemCount?: number };
    };
    return { kind: names.kind, count: (items?.length ?? 0) + (metadata?.remainingItemCount ?? 0) };
  } catch (error) {
    // The CRD is about to go, or has just come.
    if (hasStatus(error, 404)) return { kind: names.kind, count: 0 };
    throw error;
  }
}
