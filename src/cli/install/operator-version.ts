import { hasStatus } from '../../cluster/errors.ts';
import type { CommandContext } from '../command.ts';
import { readNamespace } from '../namespace.ts';
import { type DeployedVersion, deployedVersion } from './deployed-version.ts';
import type { KubeApi } from './kube-api.ts';
import { operatorsIn } from './neighbours.ts';
import { withCluster } from './session.ts';

/** How long the API server may take, in milliseconds. */
const PATIENCE_MS = 2_000;

/** The version of a cluster's operator, or in one word why there is none. */
export type OperatorVersion = DeployedVersion | { readonly absence: Absence };

/** Why there is no operator to name. */
export type Absence = 'none' | 'unreachable' | 'slow' | 'forbidden';

/**
 * Looks for the operator in the namespace of the flags. Rejects only if the command was aborted, or with a
 * `UsageError` if no namespace can have this name.
 */
export async function findOperatorVersion(context: CommandContext): Promise<OperatorVersion> {
  const namespace = readNamespace(context.flags);
  const deadline = context.time.deadline(PATIENCE_MS);
  const signal = AbortSignal.any([context.signal, deadline]);
  try {
    return await withCluster({ ...context, signal }, ({ api }) => readVersion(api, namespace));
  } catch (error) {
    if (context.signal.aborted) throw error;
    if (deadline.aborted) return { absence: 'slow' };
    return { absence: hasStatus((error as Error).cause, 401, 403) ? 'forbidden' : 'unreachable' };
  }
}

async function readVersion(
  api: Pick<KubeApi, 'list'>,
  namespace: string,
): Promise<OperatorVersion> {
  const deployments = await api.list('Deployment', { namespace });
  const [operator] = operatorsIn({ deployments });
  return operator ? deployedVersion(operator) : { absence: 'none' };
}
