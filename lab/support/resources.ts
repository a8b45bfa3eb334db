import type { Kind } from '../../src/event.ts';
import { eventually } from './eventually.ts';
import { inParallel } from './in-parallel.ts';
import type { KubeClient, KubeObject } from './kube-client.ts';

/** Which resource: a user may create several under one, one after the other. */
export interface ResourceName {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}

/** A creation as the API server answered it. */
export interface Creation extends ResourceName {
  readonly uid: string;
  /** `metadata.creationTimestamp`. */
  readonly timestamp: string;
  readonly resourceVersion: string;
}

/** Creates resources as users do, and keeps an independent record of what was created. */
export interface Resources {
  /** Every creation that the API server has answered, in the order of the answers. */
  readonly created: readonly Creation[];
  readonly create: (name: ResourceName) => Promise<Creation>;
  readonly createAll: (names: readonly ResourceName[]) => Promise<readonly Creation[]>;
  /** As `create`, trying until the API server is back. The name must not be taken. */
  readonly createSurely: (name: ResourceName) => Promise<Creation>;
  /** Changes labels, annotations, spec or status: each `round` something else. */
  readonly update: (name: ResourceName, round: number) => Promise<void>;
  readonly remove: (name: ResourceName) => Promise<void>;
  readonly recreate: (name: ResourceName) => Promise<Creation>;
}

/** As the released CRDs have them. */
export const PLURALS = { API: 'apis', StaticRoute: 'staticroutes', EnvoyFleet: 'envoyfleets' };
const SPECS: Readonly<Record<Kind, object>> = {
  API: { spec: 'openapi: 3.0.2' },
  StaticRoute: { hosts: ['*'] },
  EnvoyFleet: { service: { type: 'ClusterIP', ports: [] } },
};
const UPDATES: readonly ((text: string) => object)[] = [
  (text) => ({ metadata: { labels: { round: text } } }),
  (text) => ({ metadata: { annotations: { round: text } } }),
  (text) => ({ spec: { round: text } }),
  (text) => ({ status: { round: text } }),
];

export interface ResourcesOptions {
  readonly client: KubeClient;
  /** The plural of EnvoyFleet differs among releases. */
  readonly plurals?: Readonly<Record<Kind, string>>;
  /** The version in which they are created; `v1alpha1`, if absent. */
  readonly version?: string;
}

export function resources(options: ResourcesOptions): Resources {
  const { client, plurals = PLURALS, version = 'v1alpha1' } = options;
  const created: Creation[] = [];
  const collection = ({ kind, namespace }: ResourceName) =>
    `/apis/gateway.kusk.io/${version}/namespaces/${namespace}/${plurals[kind]}`;
  const pathOf = (name: ResourceName) => `${collection(name)}/${name.name}`;

  function noted(name: ResourceName, { metadata }: KubeObject): Creation {
    const { uid, creationTimestamp: timestamp, resourceVersion } = metadata;
    const creation = { ...name, uid, timestamp, resourceVersion };
    created.push(creation);
    return creation;
  }

  async function create(name: ResourceName): Promise<Creation> {
    return noted(name, await client.must('POST', collection(name), bodyOf(name, version)));
  }

  async function createSurely(name: ResourceName): Promise<Creation> {
    return await eventually(async () => {
      const { status, object } = await client.send('POST', collection(name), bodyOf(name, version));
      if (status === 201) return noted(name, object);
      // The answer to an earlier try was lost.
      if (status === 409) return noted(name, await client.must('GET', pathOf(name)));
      throw new Error(`creation answered ${status}`);
    });
  }

  async function update(name: ResourceName, round: number): Promise<void> {
    const body = UPDATES[round % UPDATES.length]?.(String(round)) ?? {};
    const path = 'status' in body ? `${pathOf(name)}/status` : pathOf(name);
    await client.must('PATCH', path, body);
  }

  async function remove(name: ResourceName): Promise<void> {
    await client.must('DELETE', pathOf(name));
  }

  return {
    created,
    create,
    createAll: (names) => inParallel(names, create),
    createSurely,
    update,
    remove,
    async recreate(name) {
      await remove(name);
      return await create(name);
    },
  };
}

function bodyOf({ kind, name }: ResourceName, version: string): object {
  const apiVersion = `gateway.kusk.io/${version}`;
  return { apiVersion, kind, metadata: { name }, spec: SPECS[kind] };
}
