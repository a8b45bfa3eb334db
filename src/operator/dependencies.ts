import type { KubeRequest } from '../cluster/connect.ts';
import type { Leadership } from '../cluster/elect.ts';
import type { LeaseStore } from '../cluster/lease.ts';
import type { LedgerStore } from '../cluster/ledger-configmap.ts';
import type { Recovery } from '../cluster/recovery.ts';
import type { Environment } from '../runtime/environment.ts';
import type { Time } from '../runtime/time.ts';
import type { Config } from './config/config.ts';
import type { Health } from './observability/health.ts';
import type { OperatorLog } from './observability/log.ts';

/** The dependencies that all parts of the operator share. */
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
  /** Called with an unexpected error. The operator can't continue. */
  readonly onFatal: (error: unknown) => void;
  /** Returns 64 random hex digits. */
  readonly randomId: () => string;
}

/** The latest change of consent that this process knows. The ledger's `since` identifies it. */
export interface KnownConsent {
  since: string | undefined;
}

/** The dependencies of a replica while telemetry is on. */
export interface EnabledOptions extends OperatorDependencies {
  /** Returns `false` as soon as telemetry is switched off, or one poll of the files finds it off. */
  readonly consented: () => boolean;
  /** Aborted when telemetry is switched off. The lease is kept until the phase is aborted. */
  readonly ended: AbortSignal;
  /** Outlives the phases: the next one compares it with the ledger. */
  readonly known: KnownConsent;
}

/** The dependencies of the leader. */
export interface LeaderOptions extends EnabledOptions {
  readonly leadership: Leadership;
}
