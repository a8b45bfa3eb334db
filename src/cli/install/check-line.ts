import type { ClusterFlags } from './cluster-flags.ts';
import type { ClusterTelemetry } from './cluster-telemetry.ts';
import type { PodTrouble } from './pod-trouble.ts';
import type { Rollout } from './rollout.ts';
import type { Snapshot } from './snapshot.ts';

/** One line of `kusk cluster check`. */
export interface CheckLine {
  readonly check:
    | 'API server'
    | 'rights'
    | 'installation'
    | 'CRDs'
    | 'Pod Security'
    | 'readiness'
    | 'telemetry';
  readonly status: 'ok' | 'warning' | 'failed';
  readonly text: string;
  readonly advice?: string;
}

/** Everything that the checks look at. */
export interface CheckFacts {
  readonly flags: ClusterFlags;
  readonly server: string;
  /** `v1.36.3`. */
  readonly version: string;
  readonly snapshot: Snapshot;
  /** What the account may not do, by object: `ClusterRole x` -> `create, patch`. */
  readonly missing: ReadonlyMap<string, string>;
  /** The number of objects whose rights were checked. */
  readonly objects: number;
  readonly telemetry: ClusterTelemetry | undefined;
  readonly rollout: Rollout | undefined;
  readonly trouble: PodTrouble | undefined;
  /** Whether an install is still to come. */
  readonly pre: boolean;
}

/** The rights say already what to do about it. */
export function unknown(check: CheckLine['check']): CheckLine {
  return { check, status: 'warning', text: 'unknown: your account may not read it' };
}
