import type { CatalogueEntry, Kind } from '../../event.ts';
import type { Payload } from '../../record/ledger.ts';
import type { Run } from '../../runtime/run.ts';

/** What is known of a cluster at one moment. It never changes: each change creates another one. */
export interface DashboardView {
  /** Increases with each change. */
  readonly revision: number;
  /** When the API server last responded: ISO 8601 in UTC. `undefined` before its first response. */
  readonly asOf: string | undefined;
  readonly connection: ConnectionView;
  readonly cluster: {
    /** The context of the kubeconfig; empty in a pod. */
    readonly context: string;
    /** The address of the API server, without a password. */
    readonly server: string;
    /** The namespace in which the operator is looked for. */
    readonly namespace: string;
  };
  readonly telemetry: TelemetryView;
  readonly payloads: {
    /** The newest first, each as it is in the ledger. */
    readonly sent: readonly SentView[];
    /** One for each event of the catalogue. */
    readonly previews: readonly PreviewView[];
  };
  readonly kinds: Readonly<Record<Kind, KindView>>;
}

/**
 * `connecting`: no response yet. `away`: there was one, and now the API server can't be reached.
 * `denied`: it refuses the credentials (401). What the view shows meanwhile is as of `asOf`.
 */
export interface ConnectionView {
  readonly state: 'connecting' | 'connected' | 'away' | 'denied';
  /** When the state began: ISO 8601 in UTC. */
  readonly since: string;
  /** Why there is no connection, as a sentence without a full stop. */
  readonly problem?: string;
  /** What to do, as a sentence. */
  readonly advice?: string;
}

export interface TelemetryView {
  /**
   * `unknown`: the namespace has not been read yet, or may not be. `not-installed`: it has no operator.
   * `on` says what the switches say. `obstacles` has what keeps events from leaving all the same.
   */
  readonly state: 'on' | 'off' | 'unknown' | 'not-installed';
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
  /** Whether the install was enqueued. `undefined` if the ledger can't tell. */
  readonly installed: boolean | undefined;
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
  /** `recorded`: enqueued, and no longer pending. `outstanding`: due later. */
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

export interface SentView {
  /** The value of the ledger. */
  readonly payload: Payload;
  /** The same as JSON on one line. */
  readonly body: string;
}

export interface PreviewView {
  readonly entry: CatalogueEntry;
  /** The exact message as JSON on one line, with this cluster's id if it is known. */
  readonly body: string;
  /** What of it is made up for the preview, as a sentence; empty if nothing is. */
  readonly note: string;
}

/**
 * `loading`: the first list is on its way. `missing`: the cluster has no such kind. `denied`: the person
 * may not list it. `failed`: the last attempt failed, and another follows.
 */
export interface KindView {
  readonly state: 'loading' | 'listed' | 'missing' | 'denied' | 'failed';
  /** What that means and what to do, as sentences; empty if there is nothing to say. */
  readonly message: string;
  /** The only namespace that was listed; `undefined` for all. */
  readonly namespace: string | undefined;
  /** The newest 10,000, in no particular order. In any state, they are what was last known. */
  readonly rows: readonly ResourceRow[];
  /** How many there are in all. */
  readonly total: number;
}

export interface ResourceRow {
  readonly kind: Kind;
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  /** Seconds since the epoch, by the API server's clock. */
  readonly createdAt: number;
  /** `NAMESPACE/NAME`, or only the name, of the fleet that it names. */
  readonly fleet: string | undefined;
  /** At most 20, each at most 253 characters. */
  readonly hosts: readonly string[];
  /** At most 20, each at most 200 characters. */
  readonly paths: readonly string[];
  /** How many hosts and paths were left out. */
  readonly omitted: number;
  readonly verdict: Verdict;
  /** Under which its creation is counted. `undefined` while the cluster's id is unknown. */
  readonly messageId: string | undefined;
}

/** Whether the creation of a resource was counted. */
export interface Verdict {
  readonly state: 'counted' | 'pending' | 'not-counted' | 'unknown';
  /** The reason, as a sentence. */
  readonly why: string;
}

/** What is known of a cluster, as it changes. */
export interface Dashboard {
  /** Returns what is known now: the same value until something changes. */
  readonly view: () => DashboardView;
  /**
   * Resolves when `view()` has a revision later than `revision`, at most four times a second, or when
   * `signal` aborts. It never rejects.
   */
  readonly changed: (revision: number, signal: AbortSignal) => Promise<void>;
  /** Returns the shell commands that compute the messageId of a resource, from its UID. */
  readonly check: (row: Pick<ResourceRow, 'kind' | 'uid'>) => string;
  /** Follows the cluster until aborted. It never rejects: the view says what fails. */
  readonly run: Run;
}
