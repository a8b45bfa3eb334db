import type { User } from '@kubernetes/client-node';

/** What a user of a kubeconfig says about impersonation. The library reads only `as`. */
export interface RawUser {
  readonly 'as-uid'?: string;
  readonly 'as-groups'?: readonly string[];
  readonly 'as-user-extra'?: Readonly<Record<string, readonly string[]>>;
}

type Headers = Readonly<Record<string, string | string[]>>;

const headersByUser = new WeakMap<User, Headers>();

/** Keeps the impersonation of each user, for `impersonationHeaders`. */
export function addImpersonation(
  users: readonly User[],
  raw: readonly { readonly name: string; readonly user?: RawUser }[],
): void {
  for (const user of users) {
    const found = raw.find(({ name }) => name === user.name)?.user;
    if (found) headersByUser.set(user, headersOf(found));
  }
}

/**
 * Returns the headers that impersonate a group, a UID or extra fields, besides `Impersonate-User`.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
 */
export function impersonationHeaders(user: User | null): Headers {
  return (user && headersByUser.get(user)) ?? {};
}

function headersOf(user: RawUser): Headers {
  const extra = Object.entries(user['as-user-extra'] ?? {});
  return {
    ...(user['as-uid'] ? { 'Impersonate-Uid': String(user['as-uid']) } : {}),
    ...(user['as-groups']?.length ? { 'Impersonate-Group': user['as-groups'].map(String) } : {}),
    ...Object.fromEntries(
      extra.map(([key, values]) => [
        `Impersonate-Extra-${encodeURIComponent(key)}`,
        values.map(String),
      ]),
    ),
  };
}
