import { KINDS, type Kind } from '../event.ts';
import { jsonOf } from './body.ts';
import type { KubeRequest } from './connect.ts';
import { hasStatus, MalformedAnswerError } from './errors.ts';

const GROUP_VERSION = '/apis/gateway.kusk.io/v1alpha1';

/** The paths of the kinds that exist in a cluster now. */
export type KindPaths = ReadonlyMap<Kind, string>;

/**
 * Asks the API server which of our kinds it serves, by kind: the plural differs among the released
 * CRDs (`envoyfleet`, `envoyfleets`). Calls that come while one is under way share its answer.
 */
export function discovery({ request }: { readonly request: KubeRequest }) {
  let underWay: Promise<KindPaths> | undefined;

  return function discover(signal: AbortSignal): Promise<KindPaths> {
    underWay ??= ask(request, signal).finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}

export type Discover = ReturnType<typeof discovery>;

async function ask(request: KubeRequest, signal: AbortSignal): Promise<KindPaths> {
  try {
    const { body } = await request(GROUP_VERSION, { signal });
    return pathsIn(await jsonOf(body));
  } catch (error) {
    // The group goes with its last CRD.
    if (hasStatus(error, 404)) return new Map();
    throw error;
  }
}

function pathsIn(answer: unknown): KindPaths {
  const { resources } = (answer ?? {}) as { readonly resources?: unknown };
  if (!Array.isArray(resources))
    throw new MalformedAnswerError('sent a discovery without resources');
  const found = resources as readonly { readonly kind?: unknown; readonly name?: unknown }[];
  return new Map(
    KINDS.flatMap((kind) => {
      const resource = found.find(
        ({ kind: its, name }) => its === kind && typeof name === 'string' && !name.includes('/'),
      );
      return resource ? [[kind, `${GROUP_VERSION}/${String(resource.name)}`] as const] : [];
    }),
  );
}
