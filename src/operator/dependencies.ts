import type { KubeRequest } from '../cluster/connect.ts';
import type { Leadership } from '../cluster/elect.ts';
import type { LeaseStore } from '../cluster/lease.ts';
import type { LedgerStore } from '../cluster/ledger-configmap.ts';
import type { Recovery } from '../cluster/recovery.ts';
import type { Time } from '../runtime/time.ts';
import type { Config } from './config/config.ts';
import type { Environment } from './config/readers.ts';
import type { Health } from './observability/health.ts';
import type { OperatorLog } from './observability/log.ts';

/** What the operator's parts work with. */
export interface OperatorDependencies {
  readonly config: Config;
  readonly environment: Environment;
  readonly request: KubeRequest;
  readonly ledgers: LedgerStore;
  readonly leases: LeaseStore;
  /** The name under which this process holds the lease. */
  readonly identity: string;
  readonly log: OperatorLog;
  readonly health: Health;
  readonly time: Time;
  readonly recovery: Recovery;
  /** In [0, 1). */
  readonly random: () => number;
  /** Called with an error that no part foresaw: the operator cannot go on. */
  readonly onFatal: (error: unknown) => void;
  /** Gives 64 random hex digits a call. */
  readonly randomId: () => string;
}

/** The consent under which this process has told last: the ledger's `since`, which marks it. */
export interface KnownConsent {
  since: string | undefined;
}

/** What a replica works with while telemetry is on. */
export interface EnabledOptions extends OperatorDependencies {
  /** `false` from the moment at which telemetry is switched off, or may be about to be. */
  readonly consented: () => boolean;
  /** Aborted when telemetry is switched off. The lease is kept until the phase itself is aborted. */
  readonly ended: AbortSignal;
  /** Outlives the times in which telemetry is off. */
  readonly known: KnownConsent;
}

/** What the leading replica works with. */
export interface LeaderOptions extends EnabledOptions {
  readonly leadership: Leadership;
}

/** Resolves when aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
