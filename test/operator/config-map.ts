import { KubeStatusError } from '../../src/cluster/errors.ts';
import type { LedgerConfigMap, LedgerStore } from '../../src/cluster/ledger-configmap.ts';

/** A ConfigMap in memory, with a store and functions by which a test changes it. */
export function configMap() {
  let version = 1;
  let map: LedgerConfigMap | undefined = aMap(undefined);
  /** With `fails`, every read and write rejects. With `losesResponse`, a write is stored and then rejects. */
  const network: { fails?: Error | undefined; losesResponse?: Error | undefined } = {};
  const writes: string[] = [];

  function aMap(text: string | undefined): LedgerConfigMap {
    const rest = {
      emptied: false,
      copied: false,
      renderedOff: false,
      changedAt: 1_795_434_161,
      object: {},
    };
    return { ...rest, text, resourceVersion: String(version) };
  }

  function put(text: string | undefined): LedgerConfigMap {
    version += 1;
    map = aMap(text);
    return map;
  }

  const store: LedgerStore = {
    async read() {
      if (network.fails) throw network.fails;
      return map;
    },
    async create() {
      return put(undefined);
    },
    async write(text, over, signal) {
      signal.throwIfAborted();
      if (network.fails) throw network.fails;
      if (!map) throw new KubeStatusError(404);
      if (map.resourceVersion !== over.resourceVersion) throw new KubeStatusError(409);
      writes.push(text);
      const written = put(text);
      if (network.losesResponse) throw network.losesResponse;
      return written;
    },
  };
  return {
    store,
    network,
    writes,
    first: aMap(undefined),
    text: () => map?.text,
    edit: (text: string | undefined) => void put(text),
    remove() {
      map = undefined;
    },
  };
}
