import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ControlPlaneOptions } from '../control-plane/start.ts';

/** Makes the API server note each request of the operator's account, which client-go uses too. */
export const NOTE_REQUESTS: ControlPlaneOptions = {
  audit: true,
  apiserverArgs: [`--audit-policy-file=${resolve(import.meta.dirname, 'audit.json')}`],
};

/** A request that the API server has received. */
export interface ApiRequest {
  readonly auditID: string;
  readonly verb: string;
  readonly userAgent?: string;
  /** RFC 3339 with six digits, in UTC. */
  readonly requestReceivedTimestamp: string;
  readonly objectRef?: { readonly resource: string; readonly namespace?: string };
  readonly responseStatus?: { readonly code: number };
}

/** Every request since a moment (milliseconds since the epoch), each once, also those under way. */
export async function requestsSince(
  { auditLog }: { readonly auditLog: string },
  since: number,
): Promise<readonly ApiRequest[]> {
  const lines = (await readFile(auditLog, 'utf8')).split('\n').slice(0, -1);
  const requests = lines.map((line) => JSON.parse(line) as ApiRequest);
  const recent = requests.filter((request) => receivedAt(request) >= since);
  // A watch is noted at its start and at its end.
  return [...new Map(recent.map((request) => [request.auditID, request])).values()];
}

/** Milliseconds since the epoch. */
export function receivedAt({ requestReceivedTimestamp }: ApiRequest): number {
  return Date.parse(requestReceivedTimestamp);
}

/**
 * How many of these moments are in so many milliseconds that begin with the first of them, which is
 * not counted: where two programs renew a lease equally often, none has one more by chance.
 */
export function countInTurn(moments: readonly number[], ms: number): number {
  const first = Math.min(...moments);
  return moments.filter((moment) => moment > first && moment <= first + ms).length;
}

export function isClientGo({ userAgent }: ApiRequest): boolean {
  return userAgent?.startsWith('client-go/') ?? false;
}

/** Whether it is of client-go in one of its modes. */
export function isOfMode({ userAgent }: ApiRequest, mode: string): boolean {
  return userAgent === `client-go/${mode}`;
}

/** A write of the ledger that was accepted. */
export function isLedgerWrite({ verb, objectRef, responseStatus }: ApiRequest): boolean {
  const writes = ['create', 'update', 'patch'].includes(verb);
  return writes && objectRef?.resource === 'configmaps' && (responseStatus?.code ?? 500) < 300;
}
