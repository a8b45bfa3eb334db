import type { KubeApi } from './kube-api.ts';
import { type KubeObject, keyOf, resourceOf } from './kube-object.ts';
import { covers, type Rule } from './rules.ts';

export type Verb = 'get' | 'list' | 'create' | 'patch' | 'delete';

/** One thing that an account may or may not do. */
export interface Right {
  readonly verb: Verb;
  readonly object: KubeObject;
}

const REVIEWS = '/apis/authorization.k8s.io/v1';

/**
 * Returns the rights that are missing among these, in their order.
 *
 * One request lists what the account may do in the namespace. What is not in that list may still be
 * allowed by another authorizer, so that it is asked for by itself.
 */
export async function missingRights(
  api: KubeApi,
  rights: readonly Right[],
): Promise<readonly Right[]> {
  const namespace = rights.find(({ object }) => object.metadata.namespace)?.object.metadata
    .namespace;
  const rules = namespace === undefined ? [] : await rulesIn(api, namespace);
  const open = rights.filter((right) => !isCovered(right, rules));
  const review = reviewer(api);
  const allowed = await Promise.all(open.map(review));
  return open.filter((_, index) => !allowed[index]);
}

/** `create ClusterRole kusk-system:kusk-gateway-manager`. */
export function rightText({ verb, object }: Right): string {
  return `${verb} ${keyOf(object)}`;
}

/** The rules of a RoleBinding are among them, which say nothing about what belongs to the cluster. */
function isCovered({ verb, object }: Right, rules: readonly Rule[]): boolean {
  const { name, namespace } = object.metadata;
  if (namespace === undefined) return false;
  return rules.some((rule) => covers(rule, { verb, ...resourceOf(object.kind), name }));
}

async function rulesIn(api: KubeApi, namespace: string): Promise<readonly Rule[]> {
  const review = await api.post(`${REVIEWS}/selfsubjectrulesreviews`, {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectRulesReview',
    spec: { namespace },
  });
  const { status } = review as { readonly status?: { readonly resourceRules?: readonly Rule[] } };
  return status?.resourceRules ?? [];
}

/** Returns a function that asks for one right: for all objects of the kind, and then for the one. */
function reviewer(api: KubeApi): (right: Right) => Promise<boolean> {
  const byKind = new Map<string, Promise<boolean>>();

  return async function isAllowed(right) {
    const { verb, object } = right;
    const { namespace = '' } = object.metadata;
    const key = `${verb} ${object.kind} ${namespace}`;
    const forKind = byKind.get(key) ?? review(api, right, undefined);
    byKind.set(key, forKind);
    // A create is checked before the name is known.
    if ((await forKind) || verb === 'create') return await forKind;
    return await review(api, right, object.metadata.name);
  };
}

/** @see https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access */
async function review(api: KubeApi, { verb, object }: Right, name?: string): Promise<boolean> {
  const { group, plural: resource } = resourceOf(object.kind);
  const { namespace } = object.metadata;
  const result = await api.post(`${REVIEWS}/selfsubjectaccessreviews`, {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { group, resource, verb, namespace, name } },
  });
  return (result as { readonly status?: { readonly allowed?: boolean } }).status?.allowed === true;
}
