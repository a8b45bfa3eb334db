import { type Connection, connect } from '../../cluster/connect.ts';
import type { Login } from '../../cluster/credentials.ts';
import { KubeStatusError } from '../../cluster/errors.ts';
import { messageOf } from '../../runtime/message-of.ts';
import type { CommandContext, Flags } from '../command.ts';
import { CommandError } from '../command-error.ts';
import { readNamespace } from '../namespace.ts';
import { clusterFlags, kuskFlags } from './cluster-flags.ts';
import { type KubeApi, kubeApi } from './kube-api.ts';
import { kubeconfigOf } from './kubeconfig-of.ts';
import { pluginOutput } from './plugin-output.ts';
import { type UnreachableOptions, unreachable } from './unreachable.ts';

/** A connection to the cluster of a command. */
export interface Session {
  readonly api: KubeApi;
  readonly connection: Connection;
}

type SessionContext = Pick<
  CommandContext,
  'flags' | 'environment' | 'home' | 'signal' | 'kill' | 'stderr'
>;

export interface SessionOptions {
  /** Whether a request waits while a person logs in by an exec plugin. It does unless this is `false`. */
  readonly waitsForLogin?: boolean;
}

/** How long a person may take to log in, in milliseconds. */
const LOGIN_MS = 300_000;

/**
 * Runs `work` with a connection to the cluster of the flags, and closes it.
 *
 * Rejects with a `CommandError`: exit code 3 if there is no way to the cluster or a right is missing.
 */
export async function withCluster<Value>(
  context: SessionContext,
  work: (session: Session) => Promise<Value>,
  { waitsForLogin: holdsRequests = true }: SessionOptions = {},
): Promise<Value> {
  const { show, hasShown } = pluginOutput(context.stderr);
  const connection = open(context, { timeoutMs: LOGIN_MS, holdsRequests, onOutput: show });
  try {
    return await work({ api: kubeApi(connection.request, context.signal), connection });
  } catch (error) {
    throw clusterError(error, { ...context, server: connection.server, hasShown });
  } finally {
    await connection.close();
  }
}

function open(context: SessionContext, login: Login): Connection {
  try {
    return connect({
      ...kubeconfigOf(context),
      environment: context.environment,
      context: clusterFlags(context.flags).context,
      kill: context.kill,
      login,
      userAgent: 'kusk',
    });
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(messageOf(error), { exitCode: 3, cause: error });
  }
}

interface ErrorOptions extends UnreachableOptions {
  readonly signal: AbortSignal;
  readonly flags: Flags;
}

/** Returns the error of a request as one for a person. */
function clusterError(error: unknown, { signal, flags, ...options }: ErrorOptions): unknown {
  if (error instanceof CommandError || signal.aborted) return error;
  if (error instanceof KubeStatusError) return statusError(error, flags);
  return unreachable(error, options);
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
