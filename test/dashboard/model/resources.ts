import type { SeenResource } from '../../../src/dashboard/model/resource-reader.ts';

/** Returns a resource as it was seen, with what the test is about. */
export function aResource(fields: Partial<SeenResource> = {}): SeenResource {
  return {
    kind: 'API',
    uid: 'a',
    createdAt: 1_795_434_161,
    resourceVersion: '7',
    seenAt: 1_795_434_200,
    name: 'sample',
    namespace: 'default',
    fleet: undefined,
    hosts: [],
    paths: [],
    omitted: 0,
    ...fields,
  };
}
