import type { CatalogueEntry, Kind } from '../../event.ts';
import type { Payload } from '../../record/ledger.ts';
import type { Run } from '../../runtime/run.ts';
import type { TelemetryView } from './telemetry-view.ts';

/** The flags that lead a command to copy to the cluster, each after a blank, or nothing. */
export interface CommandFlags {
  /** With the namespace. */
  readonly kusk: string;
  /** Without a namespace. */
  readonly kubectl: string;
}

/** What is known of a cluster at one moment. It never changes: each change creates another one. */
export interface DashboardView {
  /** Increases with each change. */
  readonly revision: number;
  /**
   * When the API server last responded, or if it is `partial`, when everything was last read: ISO 8601 in
   * UTC. `undefined` if it never was.
   */
  readonly asOf: string | undefined;
  readonly connection: ConnectionView;
  readonly cluster: {
    /** The context of the kubeconfig; empty in a pod. */
    readonly context: string;
    /** The address of the API server, without a password. */
    readonly server: string;
    /** The namespace in which the operator is looked for. */
    readonly namespace: string;
    readonly flags: CommandFlags;
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
 * `denied`: it refuses the credentials (401). `partial`: it responds, and what the telemetry view needs can't
 * all be read. What the view shows meanwhile is as of `asOf`.
 */
export interface ConnectionView {
  readonly state: 'connecting' | 'connected' | 'partial' | 'away' | 'denied';
  /** When the state began: ISO 8601 in UTC. */
  readonly since: string;
  /** Why there is no connection, as a sentence without a full stop. */
  readonly problem?: string;
  /** What to do, as a sentence. */
  readonly advice?: string;
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
