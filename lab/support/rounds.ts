import type { Kind } from '../../src/event.ts';
import { expectedMessageId } from './expected.ts';
import type { Lab } from './lab.ts';
import type { Creation } from './resources.ts';
import type { Site } from './site.ts';

export const KINDS: readonly Kind[] = ['API', 'StaticRoute', 'EnvoyFleet'];

/** For files whose cases share a cluster: each operator sees what all of them create. */
export interface Rounds {
  /** Creates one resource of each kind, under a name that is new. */
  readonly createSome: () => Promise<readonly Creation[]>;
  /** How often a site's endpoint has accepted each creation. */
  readonly timesTold: (site: Site, creations: readonly Creation[]) => readonly number[];
}

/** Creates in a namespace of users' that is there. */
export function rounds({ users, clusterId }: Lab, namespace = 'users'): Rounds {
  let round = 0;
  return {
    async createSome() {
      round += 1;
      const name = `round-${round}`;
      return await users.createAll(KINDS.map((kind) => ({ kind, namespace, name })));
    },
    timesTold({ endpoint }, creations) {
      const ids = endpoint.accepted.map(({ messageId }) => messageId);
      return creations.map((creation) => {
        const expected = expectedMessageId(clusterId, creation);
        return ids.filter((id) => id === expected).length;
      });
    },
  };
}
