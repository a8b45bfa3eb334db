import type { KubeRequest, KubeRequestOptions } from '../../cluster/connect.ts';
import { hasStatus } from '../../cluster/errors.ts';
import { jsonOf } from '../../cluster/response-body.ts';
import {
  collectionPath,
  type KubeObject,
  type ObjectRef,
  objectPath,
  RESOURCES,
  type ResourceKind,
  refOf,
} from './kube-object.ts';
import { FIELD_MANAGER } from './owner.ts';
import type { JsonPatch } from './takeover.ts';

export interface WriteOptions {
  /** The API server checks everything and stores nothing. */
  readonly dryRun?: boolean;
}

export interface ApplyOptions extends WriteOptions {
  /** Takes fields from other managers instead of a conflict. */
  readonly force?: boolean;
}

/** The requests of `kusk` to an API server. Each rejects with the errors of `KubeRequest`. */
export interface KubeApi {
  readonly get: (path: string) => Promise<unknown>;
  readonly post: (path: string, body: unknown) => Promise<unknown>;
  /** Resolves with `undefined` if there is none. */
  readonly read: (ref: Omit<ObjectRef, 'apiVersion'>) => Promise<KubeObject | undefined>;
  readonly list: (kind: ResourceKind, options: ListOptions) => Promise<readonly KubeObject[]>;
  /** Server-side apply. Rejects with a 409 if a field has another manager. */
  readonly apply: (object: KubeObject, options?: ApplyOptions) => Promise<KubeObject>;
  /** Rejects with a 409 if there is one. */
  readonly create: (object: KubeObject, options?: WriteOptions) => Promise<KubeObject>;
  readonly patch: (ref: ObjectRef, patch: JsonPatch) => Promise<KubeObject>;
  /** A merge patch. Rejects with a 409 if it names a resourceVersion that is not the current one. */
  readonly merge: (ref: ObjectRef, patch: object) => Promise<KubeObject>;
  /** Also resolves if there is none. With `foreground`, what belongs to it is deleted first. */
  readonly remove: (object: KubeObject, options?: RemoveOptions) => Promise<void>;
}

interface Patch {
  readonly kind: 'json-patch' | 'merge-patch';
  readonly body: unknown;
}

export interface ListOptions {
  readonly namespace: string;
  readonly labelSelector?: string;
}

export interface RemoveOptions extends WriteOptions {
  readonly foreground?: boolean;
}

export function kubeApi(request: KubeRequest, signal: AbortSignal): KubeApi {
  async function send(path: string, options: Omit<KubeRequestOptions, 'signal'> = {}) {
    const { body } = await request(path, { ...options, signal });
    return await jsonOf(body);
  }

  async function change(ref: ObjectRef, { kind, body }: Patch): Promise<KubeObject> {
    const contentType = `application/${kind}+json`;
    const options = { method: 'PATCH', contentType, query: writeQuery(false), body } as const;
    return (await send(objectPath(ref), options)) as KubeObject;
  }

  return {
    get: (path) => send(path),
    post: (path, body) => send(path, { method: 'POST', body }),
    async read(ref) {
      try {
        return (await send(objectPath(ref))) as KubeObject;
      } catch (error) {
        if (hasStatus(error, 404)) return undefined;
        throw error;
      }
    },
    async list(kind, { namespace, labelSelector }) {
      const query = labelSelector === undefined ? {} : { labelSelector };
      const list = await send(collectionPath(kind, namespace), { query });
      const { items = [] } = list as {
        readonly items?: readonly Omit<KubeObject, 'kind'>[] | null;
      };
      const { apiVersion } = RESOURCES[kind];
      return (items ?? []).map((item) => ({ ...item, apiVersion, kind }) as KubeObject);
    },
    async apply(object, { dryRun, force = false } = {}) {
      return (await send(objectPath(refOf(object)), {
        method: 'PATCH',
        contentType: 'application/apply-patch+yaml',
        query: { ...writeQuery(dryRun), force: String(force) },
        body: object,
      })) as KubeObject;
    },
    async create(object, { dryRun } = {}) {
      const path = collectionPath(object.kind, object.metadata.namespace);
      const options = { method: 'POST', query: writeQuery(dryRun), body: object } as const;
      return (await send(path, options)) as KubeObject;
    },
    patch: (ref, patch) => change(ref, { kind: 'json-patch', body: patch }),
    merge: (ref, patch) => change(ref, { kind: 'merge-patch', body: patch }),
    async remove(object, { dryRun, foreground = false } = {}) {
      const { uid } = object.metadata;
      const body = {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: foreground ? 'Foreground' : 'Background',
        // Not an object that somebody has created under the same name since.
        preconditions: { uid },
        dryRun: dryRun ? ['All'] : [],
      };
      try {
        await send(objectPath(refOf(object)), { method: 'DELETE', body });
      } catch (error) {
        if (!hasStatus(error, 404)) throw error;
      }
    },
  };
}

function writeQuery(dryRun: boolean | undefined): Readonly<Record<string, string>> {
  return { fieldManager: FIELD_MANAGER, ...(dryRun ? { dryRun: 'All' } : {}) };
}
