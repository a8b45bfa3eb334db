import type { CONTROL_PLANE } from '../control-plane/boot.ts';

/** The programs of a whole node. */
export type NodeProgram =
  | (typeof CONTROL_PLANE)[number]
  | 'kube-scheduler'
  | 'kube-proxy'
  | 'kubelet';

/** What a machine is told of itself at its start. */
export interface Assignment {
  readonly programs: Readonly<Record<NodeProgram, string>>;
  /** The machine's address on its link. */
  readonly address: string;
  readonly cgroup: string;
  /** Archives of the images that pods are made from. */
  readonly images: readonly string[];
}

/** What a machine reports once its node is ready. */
export interface Ready {
  readonly kubeconfig: string;
  readonly server: string;
  /** With `<program>.log`. */
  readonly folder: string;
}
