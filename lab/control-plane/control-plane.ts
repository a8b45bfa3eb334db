import type { CertificateAuthority } from './certificates.ts';

/** A real API server, with etcd and the controller manager, on loopback. */
export interface ControlPlane extends AsyncDisposable {
  /** `https://127.0.0.1:<port>`. It stays the same when the API server is restarted. */
  readonly server: string;
  /** A folder of this control plane, with `<program>.log`. It goes when it closes. */
  readonly folder: string;
  /** A kubeconfig that may do all. */
  readonly adminKubeconfig: string;
  /** A kubeconfig for the operator's service account, `kusk-gateway-telemetry` in `kusk-system`. */
  readonly operatorKubeconfig: string;
  /** The authority that kubeconfigs trust, as a file in PEM. */
  readonly caFile: string;
  /** Issues more certificates, for other users or for a proxy in front of the API server. */
  readonly authority: CertificateAuthority;
  /** One JSON object a line, if `audit` was asked for. */
  readonly auditLog: string;
  /** Runs kubectl as admin. Resolves with its output. Rejects with what it wrote to stderr. */
  kubectl(args: readonly string[], options?: KubectlCall): Promise<string>;
  /** Writes a kubeconfig for a service account, which need not exist. Resolves with its path. */
  kubeconfigFor(account: Account): Promise<string>;
  /** Applies a manifest of rights in a namespace, `kusk-system` by default, which is made first. */
  grant(manifest: string, options?: { readonly namespace?: string }): Promise<void>;
  stopApiServer(signal?: NodeJS.Signals): Promise<void>;
  startApiServer(): Promise<void>;
  restartApiServer(signal?: NodeJS.Signals): Promise<void>;
  /**
   * Kills etcd, by default, and starts it again on its data: obeying, it would wait for its watchers.
   * The API server goes on and finds it again.
   */
  restartEtcd(signal?: NodeJS.Signals): Promise<void>;
  /** Copies etcd's data while etcd is down for a moment. `restoreEtcd` takes what this returns. */
  backUpEtcd(): Promise<EtcdBackup>;
  /**
   * Puts etcd's data back, with the API server stopped meanwhile: resourceVersions go backwards, what
   * was created after the backup is gone, and UIDs stay.
   */
  restoreEtcd(backup: EtcdBackup): Promise<void>;
  /** The API server stands still with its connections open, until `resumeApiServer`. */
  pauseApiServer(): Promise<void>;
  resumeApiServer(): Promise<void>;
  /** Deletes etcd's history. Resolves with its revision. The API server still has some of it in memory. */
  compact(): Promise<number>;
  /** Compacts with the API server restarted, so that a watch from an older resourceVersion is a 410. */
  expireWatches(): Promise<number>;
  /** Stops all and deletes all. Resolves once nothing is left. */
  close(): Promise<void>;
}

/** etcd's data at one moment. A control plane can be put back to it any number of times. */
export interface EtcdBackup {
  /** Absolute. It goes with the control plane. */
  readonly folder: string;
}

export interface Account {
  readonly name: string;
  readonly namespace: string;
}

export interface KubectlCall {
  /** Written to its standard input, for `-f -`. */
  readonly input?: string;
  /** Somebody else than the admin. */
  readonly kubeconfig?: string;
}
