import { hasStatus } from '../../cluster/errors.ts';
import { MANAGER } from '../../cluster/object-names.ts';
import type { Installation } from '../../dashboard/model/installation.ts';
import type { Time } from '../../runtime/time.ts';
import { CommandError } from '../command-error.ts';
import { type ClusterFlags, kuskFlags } from './cluster-flags.ts';
import type { KubeApi } from './kube-api.ts';
import type { KubeObject } from './kube-object.ts';
import { isOperator } from './neighbours.ts';

/** The namespaces with an operator, or `forbidden` if the account may not list them. */
export type Elsewhere = readonly string[] | 'forbidden';

/** Whatever its name is, each Deployment of the operator has this label. */
const SELECTOR = encodeURIComponent(`app.kubernetes.io/component=${MANAGER}`);

const FORBIDDEN = 'you may not list Deployments in all namespaces';

/** Looks for operators in all namespaces. Rejects with the errors of `KubeApi`, but for a 403. */
export async function findElsewhere(api: Pick<KubeApi, 'get'>): Promise<Elsewhere> {
  try {
    const list = await api.get(`/apis/apps/v1/deployments?labelSelector=${SELECTOR}`);
    const { items } = list as { readonly items?: readonly KubeObject[] | null };
    const namespaces = (items ?? [])
      .filter(isOperator)
      .map(({ metadata }) => metadata.namespace ?? '');
    return [...new Set(namespaces)];
  } catch (error) {
    if (!hasStatus(error, 403)) throw error;
    return 'forbidden';
  }
}

/** How long the dashboard shows what it has found, in milliseconds: no other list is of all namespaces. */
const KEPT_MS = 30_000;

/** Returns a function that finds the same, and sends a request only if the last one is old. */
export function elsewhereReader({ steady }: Pick<Time, 'steady'>): typeof findElsewhere {
  let known: { readonly elsewhere: Elsewhere; readonly until: number } | undefined;

  return async function readElsewhere(api) {
    if (known === undefined || steady() >= known.until) {
      known = { elsewhere: await findElsewhere(api), until: steady() + KEPT_MS };
    }
    return known.elsewhere;
  };
}

/** Returns what the dashboard shows of it: `undefined` if there is certainly none. */
export function elsewhereView(
  elsewhere: Elsewhere,
  flags: ClusterFlags,
): Installation['elsewhere'] {
  const commandIn = (namespace: string) => `kusk dashboard${kuskFlags(namespace, flags)}`;
  if (elsewhere === 'forbidden') {
    const title = 'Shows the operator of another namespace, if there is one.';
    return { text: FORBIDDEN, commands: [{ title, command: commandIn('NAMESPACE') }] };
  }
  if (elsewhere.length === 0) return undefined;
  const commands = elsewhere.map((namespace) => ({
    title: `Shows the operator of namespace ${namespace}.`,
    command: commandIn(namespace),
  }));
  return { text: elsewhereText(elsewhere), commands };
}

export interface ElsewhereOptions {
  /** `kusk analytics disable --cluster`. */
  readonly command: string;
  readonly flags: ClusterFlags;
}

/**
 * Throws if there is an operator in another namespace, or if that can't be known: for a command that has
 * found none in its own. The advice is the command for that namespace.
 */
export function refuseElsewhere(elsewhere: Elsewhere, options: ElsewhereOptions): void {
  if (elsewhere === 'forbidden') {
    throw new CommandError(FORBIDDEN, {
      exitCode: 3,
      advice: `If an operator runs in another one: ${commandsFor(['NAMESPACE'], options)}`,
    });
  }
  if (elsewhere.length === 0) return;
  throw new CommandError(elsewhereText(elsewhere), { advice: commandsFor(elsewhere, options) });
}

/** Returns the command for each of these namespaces, a line each. */
export function commandsFor(
  namespaces: readonly string[],
  { command, flags }: ElsewhereOptions,
): string {
  return namespaces.map((namespace) => `${command}${kuskFlags(namespace, flags)}`).join('\n');
}

export function elsewhereText(namespaces: readonly string[]): string {
  return namespaces.length === 1
    ? `an operator runs in namespace ${namespaces[0]}`
    : `operators run in namespaces ${namespaces.join(', ')}`;
}
