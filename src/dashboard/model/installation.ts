import type { KubeRequest } from '../../cluster/connect.ts';
import type { Switch } from '../../consent/consent.ts';
import type { CommandView, OperatorView } from './telemetry-view.ts';

/** What is installed in a namespace, as far as the person may read it. */
export interface Installation {
  /** `undefined` if there is none. */
  readonly operator: OperatorView | undefined;
  /** Where one runs, or may run, if there is none here. `undefined` if the cluster has none. */
  readonly elsewhere: ElsewhereView | undefined;
  /** In the order in which the operator looks at them. */
  readonly switches: readonly Switch[];
  /** What may hold switches and can't be read, each as a sentence. */
  readonly unreadable: readonly string[];
  /** Without user, password and query. */
  readonly endpoint: string | undefined;
  readonly hasWriteKey: boolean;
  /** The commands that switch telemetry off, and on. */
  readonly commands: { readonly off: readonly CommandView[]; readonly on: readonly CommandView[] };
}

export interface ElsewhereView {
  /** As part of a sentence: `an operator runs in namespace gateway`. */
  readonly text: string;
  /** The commands that show it. */
  readonly commands: readonly CommandView[];
}

/** Reads what is installed. Rejects with the errors of `KubeRequest`. */
export type ReadInstallation = (request: KubeRequest, signal: AbortSignal) => Promise<Installation>;
