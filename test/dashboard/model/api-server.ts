import { PassThrough, Readable } from 'node:stream';
import type { KubeRequest, KubeRequestOptions } from '../../../src/cluster/connect.ts';
import { KubeStatusError } from '../../../src/cluster/errors.ts';
import type { Kind } from '../../../src/event.ts';

const GROUP = '/apis/gateway.kusk.io';
const VERSION = `${GROUP}/v1alpha1`;
export const PLURALS: Readonly<Record<Kind, string>> = {
  API: 'apis',
  StaticRoute: 'staticroutes',
  EnvoyFleet: 'envoyfleets',
};

/** A resource as an API server sends it. */
export function anObject(uid: string, fields: Readonly<Record<string, unknown>> = {}) {
  return {
    metadata: {
      uid,
      name: `name-${uid}`,
      namespace: 'default',
      creationTimestamp: '2026-11-23T12:00:00Z',
      resourceVersion: '200',
    },
    ...fields,
  };
}

/** An API server in memory. Tests change `state` and push the events of watches. */
export function apiServer() {
  const state = {
    /** The kinds that exist, with their plurals. */
    plurals: { ...PLURALS } as Readonly<Partial<Record<Kind, string>>>,
    /** Objects by plural. */
    items: {} as Record<string, readonly object[]>,
    /** The error of the requests whose path and query match; the first that matches wins. */
    errors: [] as { readonly on: RegExp; readonly error: Error }[],
    /** The ledger's ConfigMap, and the Lease's spec. */
    ledger: undefined as string | undefined,
    /** The resourceVersion of that ConfigMap, if not one that changes with its text. */
    ledgerRevision: undefined as string | undefined,
    lease: undefined as object | undefined,
    revision: 1_000,
    /** The UID of kube-system, and the address. */
    uid: 'a-cluster',
    address: 'https://cluster',
  };
  const watches = new Map<string, PassThrough>();
  const requests: string[] = [];

  function errorOf(request: string): Error | undefined {
    return state.errors.find(({ on }) => on.test(request))?.error;
  }

  /** Returns the documents that are not lists, by the end of their path. */
  const documents: readonly (readonly [string, () => unknown])[] = [
    [GROUP, () => ({ versions: [{ version: 'v1alpha1' }] })],
    [VERSION, resourcesOfVersion],
    ['/namespaces/kube-system', () => ({ metadata: { uid: state.uid } })],
    ['/configmaps/kusk-gateway-ledger', ledger],
    ['/leases/kusk-gateway-manager', lease],
  ];

  function resourcesOfVersion(): unknown {
    const names = Object.entries(state.plurals);
    return { resources: names.map(([kind, name]) => ({ kind, name })) };
  }

  function responseTo(path: string, { query = {} }: KubeRequestOptions): unknown {
    const document = documents.find(([end]) => path.endsWith(end));
    if (document) return document[1]();
    const metadata = { resourceVersion: `${state.revision}` };
    if (query.limit === '1') return { metadata, items: [] };
    return { metadata, items: state.items[path.split('/').at(-1) ?? ''] ?? [] };
  }

  function ledger(): unknown {
    if (state.ledger === undefined) throw new KubeStatusError(404);
    return {
      metadata: {
        resourceVersion: state.ledgerRevision ?? state.ledger,
        creationTimestamp: '2026-11-23T11:00:00Z',
      },
      data: { 'ledger.json': state.ledger },
    };
  }

  function lease(): unknown {
    if (state.lease === undefined) throw new KubeStatusError(404);
    return { metadata: { resourceVersion: JSON.stringify(state.lease) }, spec: state.lease };
  }

  const request = (async (path: string, options: KubeRequestOptions) => {
    const { query = {}, signal } = options;
    signal.throwIfAborted();
    const text = `${path}?${new URLSearchParams(query)}`;
    requests.push(text);
    const error = errorOf(text);
    if (error) throw error;
    if (query.watch === 'true') {
      const body = new PassThrough();
      watches.set(path.split('/').at(-1) ?? '', body);
      signal.addEventListener('abort', () => body.destroy(signal.reason), { once: true });
      return { headers: {}, body };
    }
    const bytes = Buffer.from(JSON.stringify(responseTo(path, options)));
    return { headers: {}, body: Readable.from([bytes]) };
  }) as unknown as KubeRequest;

  return {
    request,
    requests,
    state,
    watches,
    /** Sends an event to the watch of a kind. */
    push(kind: Kind, type: 'ADDED' | 'MODIFIED' | 'DELETED', object: object): void {
      watches.get(PLURALS[kind])?.write(`${JSON.stringify({ type, object })}\n`);
    },
  };
}
