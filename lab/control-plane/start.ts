import { resolve } from 'node:path';
import { boot, CONTROL_PLANE } from './boot.ts';
import type { ControlPlane } from './control-plane.ts';
import { ensure } from './ensure.ts';
import { exists } from './files.ts';
import { operate } from './operate.ts';

/** The manifest of the operator's rights, applied at start where the checkout has it. */
const OPERATOR_RIGHTS = resolve(import.meta.dirname, '../../deploy/rbac.yaml');

export type { Account, ControlPlane, KubectlCall } from './control-plane.ts';

export interface ControlPlaneOptions {
  /** Closes the control plane, also one that is still starting. */
  readonly signal?: AbortSignal;
  /** Is told of a build and how far it is. Nothing is said if all programs are there. */
  readonly log?: (line: string) => void;
  /** Of the API server: `{ WatchList: false }`. */
  readonly featureGates?: Readonly<Record<string, boolean>>;
  /** Added to the API server's arguments; they win over ours. */
  readonly apiserverArgs?: readonly string[];
  /** Log each request on our resources to `auditLog`, those that change something with their bodies. */
  readonly audit?: boolean;
  /**
   * Whether the controller manager runs, as it does by default. Without it namespaces and owned objects stay
   * when they are deleted, Deployments have no status, and a test takes a quarter less of the processor.
   */
  readonly controllers?: boolean;
  /** A manifest of the operator's rights, in place of `deploy/rbac.yaml`; `null` grants nothing. */
  readonly rights?: string | null;
}

/**
 * Starts a control plane, having built its programs if they are not there; ready in some 4 seconds.
 *
 * No process and no file of it outlives `close()`, an abort of `signal`, or the death of the calling
 * process, however that dies. Left open, it does not keep the process alive.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const { signal, log = () => {}, featureGates = {}, apiserverArgs = [] } = options;
  const { audit = false, controllers = true } = options;
  const programs = await ensure(CONTROL_PLANE, { env: process.env, log, signal });
  const how = { featureGates, apiserverArgs, audit, controllers };
  const controlPlane = await operate(await boot({ programs, signal, ...how }), programs.kubectl);
  signal?.addEventListener('abort', () => void controlPlane.close(), { once: true });
  try {
    const rights = options.rights ?? (await rightsOfCheckout(options));
    if (rights !== undefined) await controlPlane.grant(rights);
    signal?.throwIfAborted();
    return controlPlane;
  } catch (error) {
    await controlPlane.close();
    throw error;
  }
}

async function rightsOfCheckout({ rights }: ControlPlaneOptions): Promise<string | undefined> {
  if (rights === null || !(await exists(OPERATOR_RIGHTS))) return undefined;
  return OPERATOR_RIGHTS;
}
