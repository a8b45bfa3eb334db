import { type Connection, connect } from '../../cluster/connect.ts';
import { CredentialsError, KubeStatusError, reasonOf } from '../../cluster/errors.ts';
import { messageOf } from '../../runtime/message-of.ts';
import type { CommandContext, Flags } from '../command.ts';
import { CommandError } from '../command-error.ts';
import { flagText } from '../flags.ts';
import { readNamespace } from '../namespace.ts';
import { clusterFlags, kuskFlags } from './cluster-flags.ts';
import { type KubeApi, kubeApi } from './kube-api.ts';
import { kubeconfigOf } from './kubeconfig-of.ts';

/** A connection to the cluster of a command. */
export interface Session {
  readonly api: KubeApi;
  readonly connection: Connection;
}

type SessionContext = Pick<CommandContext, 'flags' | 'environment' | 'home' | 'signal' | 'kill'>;

/**
 * Runs `work` with a connection to the cluster of the flags, and closes it.
 *
 * Rejects with a `CommandError`: exit code 3 if there is no way to the cluster or a right is missing.
 */
export async function withCluster<Value>(
  context: SessionContext,
  work: (session: Session) => Promise<Value>,
): Promise<Value> {
  const connection = open(context);
  try {
    return await work({ api: kubeApi(connection.request, context.signal), connection });
  } catch (error) {
    throw clusterError(error, { ...context, connection });
  } finally {
    await connection.close();
  }
}

function open(context: SessionContext): Connection {
  try {
    const context_ = flagText(context.flags, 'context');
    return connect({
      ...kubeconfigOf(context),
      ...(context_ === undefined ? {} : { context: context_ }),
      kill: context.kill,
      userAgent: 'kusk',
    });
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(messageOf(error), { exitCode: 3, cause: error });
  }
}

interface ErrorOptions {
  readonly connection: Pick<Connection, 'server'>;
  readonly signal: AbortSignal;
  readonly flags: Flags;
}

/** Returns the error of a request as one for a person. */
export function clusterError(error: unknown, options: ErrorOptions): unknown {
  const { connection, signal, flags } = options;
  if (error instanceof CommandError || signal.aborted) return error;
  if (error instanceof KubeStatusError) return statusError(error, flags);
  const advice =
    error instanceof CredentialsError
      ? 'Look at the user of the context in the kubeconfig.'
      : 'Check the address in the kubeconfig, and whether the network or VPN is up.';
  const message = `the API server ${connection.server} cannot be reached: ${reasonOf(error)}`;
  return new CommandError(message, { exitCode: 3, advice, cause: error });
}

function statusError(error: KubeStatusError, flags: Flags): CommandError {
  const { message } = error.explain();
  if (error.status === 401) {
    return new CommandError('the API server does not accept the credentials of the kubeconfig', {
      exitCode: 3,
      advice: 'Log in again, or choose another context with --context.',
      cause: error,
    });
  }
  const text = `the API server ${error.message}${message && `: ${message}`}`;
  if (error.status !== 403) return new CommandError(text, { cause: error });
  const named = kuskFlags(readNamespace(flags), clusterFlags(flags));
  const advice = `Ask an administrator of the cluster, or see what is missing: kusk cluster check${named}`;
  return new CommandError(text, { exitCode: 3, advice, cause: error });
}
