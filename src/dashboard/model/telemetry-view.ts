/** Whether the telemetry of a cluster is on, and what it has sent. */
export interface TelemetryView {
  /**
   * `unknown`: the namespace has not been read yet, or not all of it may be. What the ledger says is not
   * enough. `not-installed`: the cluster has no operator. `elsewhere`: the namespace has none, and another
   * one has one, or may have one. Whether telemetry is on is unknown then too.
   * `on` says what the switches say. `obstacles` has what keeps events from leaving all the same.
   */
  readonly state: 'on' | 'off' | 'unknown' | 'not-installed' | 'elsewhere';
  /** What decided, as part of a sentence: `enabled in ConfigMap kusk-gateway-opt-out is "false"`. */
  readonly decidedBy: string;
  /** Every place that can switch telemetry, in the order in which they are looked at. */
  readonly switches: readonly SwitchView[];
  /** Why nothing leaves, although the switches say on: each is a sentence. */
  readonly obstacles: readonly string[];
  /** What is invalid or can't be read, each with what to do, as sentences. */
  readonly problems: readonly string[];
  /** Since when the consent that the ledger records is as it is: ISO 8601 in UTC. */
  readonly since: string | undefined;
  readonly clusterId: ClusterIdView;
  /** Without user, password and query. */
  readonly endpoint: string | undefined;
  /** `unknown`: the cluster has none, but the operator's image may have one. Never its value. */
  readonly writeKey: 'set' | 'unknown';
  /** When the last payload of the ledger's was created: ISO 8601 in UTC. */
  readonly lastSent: string | undefined;
  /** The events that are enqueued and not acknowledged. */
  readonly pending: PendingView;
  /** What became of the install event. `undefined` if the ledger can't tell. */
  readonly install: 'none' | 'pending' | 'recorded' | undefined;
  /** The last UTC days on which an operator ran, at most 16, the latest last. */
  readonly heartbeats: readonly HeartbeatView[];
  readonly leader: LeaderView | undefined;
  readonly operator: OperatorView | undefined;
  readonly ledger: LedgerView;
  /** How to change it: `disable` first if it is on. */
  readonly commands: readonly CommandView[];
}

export interface SwitchView {
  /** `enabled in ConfigMap kusk-gateway-opt-out`. */
  readonly name: string;
  /** As it was found, at most 100 characters; `undefined` if it is absent. */
  readonly value: string | undefined;
  readonly says: 'on' | 'off' | 'absent' | 'invalid';
  /** Whether this is the one that decided. */
  readonly decides: boolean;
}

export interface ClusterIdView {
  /** 64 hex digits. `undefined` if neither the namespace kube-system nor the ledger may be read. */
  readonly value: string | undefined;
  /** Where it comes from: computed here from the UID of kube-system, or as the ledger has it. */
  readonly from: 'kube-system' | 'ledger' | undefined;
  /** The shell command that computes it. */
  readonly command: string;
}

export interface PendingView {
  readonly total: number;
  /** By event name. */
  readonly byName: Readonly<Record<string, number>>;
  /** When the oldest one happened: ISO 8601 in UTC. */
  readonly oldest: string | undefined;
}

export interface HeartbeatView {
  /** `2026-11-23`. */
  readonly day: string;
  /** `recorded`: sent, because an opt-out removes the days that are pending. `outstanding`: due later. */
  readonly state: 'recorded' | 'pending' | 'outstanding';
}

export interface LeaderView {
  /** The name of the pod. */
  readonly holder: string;
  /** When it last renewed the Lease: ISO 8601 in UTC. */
  readonly renewedAt: string | undefined;
  /** Whether the Lease has been renewed within its duration, as observed here. */
  readonly isCurrent: boolean;
}

export interface OperatorView {
  /** The name of the Deployment. */
  readonly name: string;
  readonly version: string | undefined;
  /** `Helm release kusk-gateway`. */
  readonly owner: string;
  readonly replicas: { readonly wanted: number; readonly ready: number };
  /** Whether its replicas elect a leader. A single replica can do without, and then renews no Lease. */
  readonly elects: boolean;
}

/**
 * `missing`: there is none. `empty`: it was emptied. `damaged`: it can't be read. `newer`: a newer
 * version wrote it. `foreign`: it belongs to another cluster, as after a restore. `denied`: the person
 * may not read it. `unread`: not read yet.
 */
export interface LedgerView {
  readonly state:
    | 'ok'
    | 'missing'
    | 'empty'
    | 'damaged'
    | 'newer'
    | 'foreign'
    | 'denied'
    | 'unread';
  /** What that means and what to do, as sentences; empty if it is `ok`. */
  readonly message: string;
}

export interface CommandView {
  /** What it does, as a sentence. */
  readonly title: string;
  /** One or several lines for a shell. */
  readonly command: string;
}
