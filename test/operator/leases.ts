import type { Lease, LeaseSpec, LeaseStore } from '../../src/cluster/lease.ts';

/** A Lease in memory, as the API server stores it. */
export function leaseInMemory() {
  let version = 0;
  let held: Lease | undefined;
  const put = async (spec: LeaseSpec) => {
    version += 1;
    held = { spec, resourceVersion: String(version), object: {} };
    return held;
  };
  const write: LeaseStore['write'] = (spec, over) => put({ ...over.spec, ...spec });
  const store: LeaseStore = { read: async () => held, create: put, write };
  return { store, holder: () => held?.spec.holderIdentity, renewals: () => version };
}
