import type { KubeApi } from './kube-api.ts';
import { type KubeObject, keyOf, resourceOf } from './kube-object.ts';

export type Verb = 'get' | 'list' | 'create' | 'patch' | 'delete';

/** One thing that an account may or may not do. */
export interface Right {
  readonly verb: Verb;
  readonly object: KubeObject;
}

/** Returns the rights that are missing among these, in their order. */
export async function missingRights(
  api: KubeApi,
  rights: readonly Right[],
): Promise<readonly Right[]> {
  const allowed = await Promise.all(rights.map((right) => isAllowed(api, right)));
  return rights.filter((_, index) => !allowed[index]);
}

/** `create ClusterRole kusk-system:kusk-gateway-manager`. */
export function rightText({ verb, object }: Right): string {
  return `${verb} ${keyOf(object)}`;
}

/** @see https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access */
async function isAllowed(api: KubeApi, { verb, object }: Right): Promise<boolean> {
  const { group, plural } = resourceOf(object.kind);
  const { name, namespace } = object.metadata;
  const review = await api.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: {
      // A create is checked before the name is known.
      resourceAttributes: {
        group,
        resource: plural,
        verb,
        ...(namespace === undefined ? {} : { namespace }),
        ...(verb === 'create' ? {} : { name }),
      },
    },
  });
  return (review as { readonly status?: { readonly allowed?: boolean } }).status?.allowed === true;
}
