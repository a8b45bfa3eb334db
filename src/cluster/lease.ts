import type { KubeRequest, KubeRequestOptions } from './connect.ts';
import { hasStatus, MissingObjectError } from './errors.ts';
import { MANAGER } from './object-names.ts';
import { jsonOf } from './response-body.ts';

/** The fields of a Lease's spec that leader election uses. */
export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

/** A Lease as read or written once. */
export interface Lease {
  readonly resourceVersion: string;
  readonly spec: LeaseSpec;
  readonly object: Readonly<Record<string, unknown>>;
}

/** Reads and writes the Lease. Rejects with the errors of `request`, and those below. */
export interface LeaseStore {
  /** Resolves with `undefined` if there is none. */
  readonly read: (signal: AbortSignal) => Promise<Lease | undefined>;
  /**
   * Rejects with a `KubeStatusError` 409 if another replica was faster, and with a
   * `MissingObjectError` if creating it is forbidden.
   */
  readonly create: (spec: LeaseSpec, signal: AbortSignal) => Promise<Lease>;
  /**
   * Rejects with a `KubeStatusError` 409 if the Lease has changed since it was read, and with a
   * `MissingObjectError` if it was deleted.
   */
  readonly write: (spec: LeaseSpec, over: Lease, signal: AbortSignal) => Promise<Lease>;
}

/** A slower response is useless: the lease would expire in the meantime. Milliseconds. */
const IDLE_TIMEOUT_MS = 5_000;

/** Returns the store of the Lease in a namespace. */
export function leaseStore(options: {
  readonly request: KubeRequest;
  readonly namespace: string;
}): LeaseStore {
  const { request, namespace } = options;
  const group = '/apis/coordination.k8s.io/v1';
  const leases = `${group}/namespaces/${encodeURIComponent(namespace)}/leases`;
  const leasePath = `${leases}/${MANAGER}`;

  async function send(path: string, options: KubeRequestOptions): Promise<Lease> {
    const { body } = await request(path, { idleTimeoutMs: IDLE_TIMEOUT_MS, ...options });
    return leaseOf(await jsonOf(body));
  }

  return {
    async read(signal) {
      try {
        return await send(leasePath, { signal });
      } catch (error) {
        if (hasStatus(error, 404)) return undefined;
        throw error;
      }
    },
    async create(spec, signal) {
      const metadata = { name: MANAGER, labels: { 'app.kubernetes.io/name': 'kusk-gateway' } };
      const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
      return await send(leases, { method: 'POST', body, signal }).catch(asMissing(403));
    },
    async write(spec, over, signal) {
      const body = { ...over.object, spec: { ...over.spec, ...spec } };
      return await send(leasePath, { method: 'PUT', body, signal }).catch(asMissing(404));
    },
  };
}

/** Returns a handler that turns this status into a `MissingObjectError`. */
function asMissing(status: number) {
  return function rethrow(error: unknown): never {
    if (!hasStatus(error, status)) throw error;
    throw new MissingObjectError(`the Lease ${MANAGER}`, { cause: error });
  };
}

/** Formats a time with six decimal places, as the API server requires: Go refuses three. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}

function leaseOf(response: unknown): Lease {
  const object = response as {
    readonly metadata?: { readonly resourceVersion?: string };
    readonly spec?: LeaseSpec;
  };
  return {
    resourceVersion: object.metadata?.resourceVersion ?? '',
    spec: object.spec ?? {},
    object: object as Record<string, unknown>,
  };
}
