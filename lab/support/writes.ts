import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ControlPlaneOptions } from '../control-plane/start.ts';
import type { KubeObject } from './kube-client.ts';

const POLICY = resolve(import.meta.dirname, 'audit-writes.json');

/** Makes the API server note who writes ConfigMaps and Leases. */
export const NOTE_WRITES: ControlPlaneOptions = {
  audit: true,
  apiserverArgs: [`--audit-policy-file=${POLICY}`],
};

/** A write that has changed something. */
export interface Write {
  readonly user: string;
  readonly verb: string;
  readonly what: 'ledger' | 'lease';
  /** When the API server received it: RFC 3339 with six digits, in UTC. */
  readonly receivedAt: string;
  /** Where it stands in the cluster's history. */
  readonly resourceVersion: number;
  /** Of a Lease. */
  readonly spec: LeaseSpec;
}

export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

interface AuditEvent {
  readonly requestReceivedTimestamp: string;
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef: { readonly resource: string; readonly namespace?: string };
  readonly responseStatus: { readonly code: number };
  readonly responseObject?: KubeObject;
}

const WHAT: Readonly<Record<string, Write['what']>> = {
  'kusk-gateway-ledger': 'ledger',
  'kusk-gateway-manager': 'lease',
};

/** Every write of an installation's ledger and Lease, in the order of the cluster's history. */
export async function writesIn(auditLog: string, namespace: string): Promise<readonly Write[]> {
  const lines = (await readFile(auditLog, 'utf8')).split('\n');
  // The last one may be half-written.
  const events = lines.slice(0, -1).map((line) => JSON.parse(line) as AuditEvent);
  const accepted = events
    .filter(({ objectRef }) => objectRef.namespace === namespace)
    .flatMap(writeIn);
  // A write of what is there already changes nothing, and its response has the same version.
  const changes = new Map(accepted.toReversed().map((write) => [write.resourceVersion, write]));
  return [...changes.values()].toSorted(
    (one, other) => one.resourceVersion - other.resourceVersion,
  );
}

function writeIn(event: AuditEvent): readonly Write[] {
  const { user, verb, responseStatus, responseObject, requestReceivedTimestamp } = event;
  const what = WHAT[responseObject?.metadata?.name ?? ''];
  if (responseStatus.code >= 300 || !responseObject || !what) return [];
  const { metadata, spec = {} } = responseObject;
  return [
    {
      user: user.username,
      verb,
      what,
      receivedAt: requestReceivedTimestamp,
      resourceVersion: Number(metadata.resourceVersion),
      spec: spec as LeaseSpec,
    },
  ];
}
