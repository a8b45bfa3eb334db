import type { KubectlCall } from '../control-plane/control-plane.ts';

/** A whole node: a control plane, containerd, a kubelet and what belongs to it, in a network of its own. */
export interface WholeNode extends AsyncDisposable {
  /** May do all. It can be used from here: the API server is at the other end of a link. */
  readonly kubeconfig: string;
  readonly server: string;
  /** The node's address. What listens there, started by `inside`, can be reached by pods and from here. */
  readonly address: string;
  /** Its bridge and cgroup, and our end of the link to it, are named so. */
  readonly name: string;
  /** A folder of this node, which goes when it closes, with `<program>.log` below it. */
  readonly folder: string;
  /** Its first process, whose namespaces are all its processes'. */
  readonly pid: number;
  /** Runs kubectl as admin. Resolves with its output. Rejects with what it wrote to stderr. */
  kubectl(args: readonly string[], options?: KubectlCall): Promise<string>;
  /** The command line that runs a program on the node, as root. The program ends with the node. */
  inside(file: string, args: readonly string[]): readonly [string, ...string[]];
  /** Ends all and deletes all. Resolves once nothing is left. */
  close(): Promise<void>;
}
