import { readClusterUid } from '../../cluster/cluster-uid.ts';
import type { KubeRequest } from '../../cluster/connect.ts';
import { hasStatus } from '../../cluster/errors.ts';
import { type Lease, leaseStore } from '../../cluster/lease.ts';
import { type LedgerConfigMap, ledgerStore } from '../../cluster/ledger-configmap.ts';
import { METADATA_WATCH, resourceVersionOf } from '../../cluster/metadata.ts';
import { LEDGER } from '../../cluster/object-names.ts';
import { jsonOf } from '../../cluster/response-body.ts';
import { clusterId } from '../../record/events.ts';
import { parseLedger } from '../../record/ledger-json.ts';
import { allSettled } from '../../runtime/all-settled.ts';
import type { Time } from '../../runtime/time.ts';
import type { Facts, LeaseFacts, LedgerFacts } from './facts.ts';
import type { ReadInstallation } from './installation.ts';

export interface ReadFactsOptions {
  readonly request: KubeRequest;
  readonly namespace: string;
  readonly time: Time;
  readonly readInstallation: ReadInstallation;
  /** Called if there is another cluster at this address: one that was created again, for example. */
  readonly onOtherCluster: () => void;
}

/** How long a response may be idle, in milliseconds: it also shows whether the API server is there. */
const IDLE_TIMEOUT_MS = 5_000;
/** How long a Lease is current if it does not say so, in milliseconds. */
const LEASE_MS = 15_000;

/**
 * Returns a function that reads everything that is known of an installation. What the person may not read
 * is part of the result. Each call rejects with any other error of a request, when all requests have ended:
 * a response to one of them says nothing about the next call.
 */
export function factsReader(options: ReadFactsOptions): (signal: AbortSignal) => Promise<Facts> {
  const { namespace, readInstallation, onOtherCluster } = options;
  const request: KubeRequest = (path, more) =>
    options.request(path, { idleTimeoutMs: IDLE_TIMEOUT_MS, ...more });
  const readersOfCluster = () => ({
    readLedger: ledgerReader({ request, namespace }),
    readLease: leaseReader({ ...options, request }),
  });
  let readers = readersOfCluster();
  let lastId: string | undefined;

  async function readAll(signal: AbortSignal): Promise<Facts> {
    const [installation, ledger, lease, computedId] = await allSettled([
      readInstallation(request, signal).catch(deniedAs('denied' as const)),
      readers.readLedger(signal),
      readers.readLease(signal),
      readId(request, signal),
    ]);
    return { installation, ledger, lease, computedId };
  }

  return async function readFacts(signal) {
    const facts = await readAll(signal);
    const id = facts.computedId ?? lastId;
    const isOther = lastId !== undefined && id !== lastId;
    lastId = id;
    if (!isOther) return facts;
    // Its objects can have the resourceVersions of those that were read before.
    readers = readersOfCluster();
    onOtherCluster();
    return await readAll(signal);
  };
}

const MISSING: LedgerFacts = { state: 'missing' };
const DENIED: LedgerFacts = { state: 'denied' };

/** Reads the whole ledger only if it has changed: it may have a megabyte. */
function ledgerReader(options: Pick<ReadFactsOptions, 'request' | 'namespace'>) {
  const { request, namespace } = options;
  const { read } = ledgerStore(options);
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps/${LEDGER}`;
  let known: { readonly revision: string; readonly facts: LedgerFacts } | undefined;

  async function readWhole(signal: AbortSignal): Promise<LedgerFacts> {
    const { body } = await request(path, { accept: METADATA_WATCH, signal });
    const revision = resourceVersionOf(await jsonOf(body));
    if (known?.revision === revision) return known.facts;
    const map = await read(signal);
    const facts = ledgerFactsOf(map);
    known = map && { revision: map.resourceVersion, facts };
    return facts;
  }

  return async function readLedger(signal: AbortSignal): Promise<LedgerFacts> {
    try {
      return await readWhole(signal);
    } catch (error) {
      if (hasStatus(error, 404)) return MISSING;
      return deniedAs(DENIED)(error);
    }
  };
}

function ledgerFactsOf(map: LedgerConfigMap | undefined): LedgerFacts {
  if (map === undefined) return MISSING;
  if (map.text === undefined) return map.emptied ? { state: 'empty' } : MISSING;
  const reading = parseLedger(map.text);
  if (reading.found === 'damage') return { state: 'damaged', problem: reading.problem };
  if (reading.found === 'newer') return { state: 'newer', version: reading.version };
  return { state: 'read', ledger: reading.ledger };
}

/** A Lease is judged by when it changed here, because clocks differ. */
function leaseReader({
  request,
  namespace,
  time,
}: Pick<ReadFactsOptions, 'request' | 'namespace' | 'time'>) {
  const store = leaseStore({ request, namespace });
  let seen: { readonly revision: string; readonly until: number } | undefined;

  function isCurrent({ resourceVersion, spec }: Lease): boolean {
    const durationMs = spec.leaseDurationSeconds ? spec.leaseDurationSeconds * 1000 : LEASE_MS;
    if (seen === undefined) {
      const leftMs = Date.parse(spec.renewTime ?? '') + durationMs - time.now();
      seen = { revision: resourceVersion, until: time.steady() + Math.min(leftMs, durationMs) };
    } else if (seen.revision !== resourceVersion) {
      seen = { revision: resourceVersion, until: time.steady() + durationMs };
    }
    return Boolean(spec.holderIdentity) && time.steady() < seen.until;
  }

  return async function readLease(signal: AbortSignal): Promise<LeaseFacts | undefined> {
    const lease = await store.read(signal).catch(deniedAs(undefined));
    return lease && { spec: lease.spec, isCurrent: isCurrent(lease) };
  };
}

async function readId(request: KubeRequest, signal: AbortSignal): Promise<string | undefined> {
  const uid = await readClusterUid(request, signal).catch(deniedAs(undefined));
  return uid && clusterId(uid);
}

/** Returns a handler that replaces a refusal by a value. */
function deniedAs<Value>(value: Value) {
  return function handle(error: unknown): Value {
    if (hasStatus(error, 403)) return value;
    throw error;
  };
}
