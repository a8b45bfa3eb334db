import type { KubeRequest } from './connect.ts';
import { hasStatus, MalformedResponseError, MissingObjectError } from './errors.ts';
import { LEDGER } from './object-names.ts';
import { jsonOf } from './response-body.ts';

/** The ConfigMap that holds the ledger, as read or written once. */
export interface LedgerConfigMap {
  /** The ledger's text; `undefined` if the ConfigMap holds none. */
  readonly text: string | undefined;
  /** Whether a ledger was written and has been removed since. */
  readonly emptied: boolean;
  /** Whether it was written as another object: a backup was restored, or a namespace copied. */
  readonly copied: boolean;
  /** Whether a tool has rendered it with telemetry off. */
  readonly renderedOff: boolean;
  /**
   * When it was created or last changed, in seconds since the epoch, by the API server's clock. For
   * an empty ConfigMap this is the time of `resourceVersion`.
   */
  readonly changedAt: number;
  readonly resourceVersion: string;
  /** The whole object, with labels, annotations and keys that others have added. */
  readonly object: ConfigMap;
}

/** Stores the ledger's ConfigMap. Rejects with the errors of `request`, and those below. */
export interface LedgerStore {
  /** Resolves with `undefined` if there is none. */
  readonly read: (signal: AbortSignal) => Promise<LedgerConfigMap | undefined>;
  /**
   * Creates an empty ConfigMap, or reads the one that was created in the meantime. Rejects with a
   * `MissingObjectError` if creating it is forbidden.
   */
  readonly create: (signal: AbortSignal) => Promise<LedgerConfigMap>;
  /** Rejects with a `KubeStatusError` 409 if the ConfigMap has changed since it was read. */
  readonly write: (
    text: string,
    over: LedgerConfigMap,
    signal: AbortSignal,
  ) => Promise<LedgerConfigMap>;
}

interface ConfigMap {
  readonly metadata?: {
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly creationTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly { readonly time?: string }[];
    readonly [field: string]: unknown;
  };
  readonly data?: Readonly<Record<string, string>> | null;
  readonly binaryData?: Readonly<Record<string, string>> | null;
  readonly [field: string]: unknown;
}

const KEY = 'ledger.json';
/**
 * Distinguishes an emptied ledger from one that was never written. Its value, the object's UID,
 * identifies a copied one. Version 0.1.0 writes `true`.
 */
const WRITTEN = 'telemetry.kusk.io/written';
/** Whether telemetry was `on` or `off` when a tool rendered the ConfigMap. */
const RENDERED = 'telemetry.kusk.io/rendered';

/** Returns the store of the ledger's ConfigMap in a namespace. */
export function ledgerStore(options: {
  readonly request: KubeRequest;
  readonly namespace: string;
}): LedgerStore {
  const { request, namespace } = options;
  const collectionPath = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`;
  const ledgerPath = `${collectionPath}/${LEDGER}`;

  async function read(signal: AbortSignal): Promise<LedgerConfigMap | undefined> {
    try {
      const { body } = await request(ledgerPath, { signal });
      return ledgerConfigMapOf(await jsonOf(body));
    } catch (error) {
      if (hasStatus(error, 404)) return undefined;
      throw error;
    }
  }

  async function create(signal: AbortSignal): Promise<LedgerConfigMap> {
    const metadata = { name: LEDGER, labels: { 'app.kubernetes.io/name': 'kusk-gateway' } };
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
    try {
      const response = await request(collectionPath, { method: 'POST', body, signal });
      return ledgerConfigMapOf(await jsonOf(response.body));
    } catch (error) {
      const existing = hasStatus(error, 409) ? await read(signal) : undefined;
      if (existing) return existing;
      throw creationError(error);
    }
  }

  async function write(
    text: string,
    over: LedgerConfigMap,
    signal: AbortSignal,
  ): Promise<LedgerConfigMap> {
    const { metadata, data, binaryData } = over.object;
    const annotations = { ...metadata?.annotations, [WRITTEN]: metadata?.uid ?? 'true' };
    // Sends the whole object with its resourceVersion: data of others is kept, and a race is a 409.
    const body = {
      ...over.object,
      metadata: { ...metadata, annotations, managedFields: undefined },
      data: { ...data, [KEY]: text },
      // A key must not be in both.
      binaryData: binaryData && { ...binaryData, [KEY]: undefined },
    };
    const response = await request(ledgerPath, { method: 'PUT', body, signal });
    return ledgerConfigMapOf(await jsonOf(response.body));
  }

  return { read, create, write };
}

/** The chart creates the ledger. The operator's account may lack the permission. */
function creationError(error: unknown): unknown {
  if (!hasStatus(error, 403)) return error;
  return new MissingObjectError(`the ConfigMap ${LEDGER}`, { cause: error });
}

function ledgerConfigMapOf(response: unknown): LedgerConfigMap {
  const object = response as ConfigMap;
  const {
    uid,
    resourceVersion,
    creationTimestamp,
    managedFields = [],
    annotations,
  } = object.metadata ?? {};
  const times = [creationTimestamp, ...managedFields.map(({ time }) => time ?? creationTimestamp)];
  const changedAt = Math.max(...times.map((time) => Date.parse(time ?? '') / 1000));
  if (!resourceVersion || Number.isNaN(changedAt)) {
    throw new MalformedResponseError('sent a ConfigMap without time or resourceVersion');
  }
  const text = object.data?.[KEY] || undefined;
  const writtenBy = annotations?.[WRITTEN];
  const emptied = text === undefined && writtenBy !== undefined;
  const copied = ![undefined, 'true', uid].includes(writtenBy);
  const renderedOff = annotations?.[RENDERED] === 'off';
  return { text, emptied, copied, renderedOff, changedAt, resourceVersion, object };
}
