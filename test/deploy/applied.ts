import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type Lab, read } from './lab.ts';
import {
  type KubernetesObject,
  keyOf,
  MANIFESTS,
  readManifests,
  SAMPLES,
  withoutNulls,
} from './manifests.ts';

const MODES = [
  { mode: 'client-side', args: [] },
  { mode: 'server-side', args: ['--server-side'] },
];

/** Manifests of Kusk Gateway 1.x, and our samples, apply unchanged and are kept as they were sent. */
export function appliedSuite(lab: Lab): void {
  for (const { mode, args } of MODES) {
    describe(`what applies, ${mode}`, () => {
      const apply = (folder: string, namespace: string) =>
        lab().kubectl(['apply', '--validate=strict', ...args, '-n', namespace, '-f', folder]);
      let first: ReadonlyMap<string, KubernetesObject> = new Map();

      before(async () => {
        await lab().kubectl(['create', 'namespace', mode]);
        await apply(MANIFESTS, mode);
        first = await readBack(lab, { folder: MANIFESTS, namespace: mode });
      });

      for (const { title, object } of readManifests()) {
        it(title, () => {
          const stored = first.get(keyOf(object));
          assert.ok(stored);
          assert.deepEqual(withoutNulls(stored.spec), withoutNulls(object.spec));
        });
      }

      it('a second time without changing anything', async () => {
        await apply(MANIFESTS, mode);
        const second = await readBack(lab, { folder: MANIFESTS, namespace: mode });
        assert.deepEqual(versions(second), versions(first));
      });

      it('the samples, one of each kind, in the namespace that is asked for', async () => {
        const namespace = `${mode}-samples`;
        await lab().kubectl(['create', 'namespace', namespace]);
        await apply(SAMPLES, namespace);
        const samples = await readBack(lab, { folder: SAMPLES, namespace });
        assert.deepEqual(
          new Set(samples.keys()),
          new Set(['API/sample', 'StaticRoute/sample', 'EnvoyFleet/sample']),
        );
      });
    });
  }
}

interface ReadBackOptions {
  readonly folder: string;
  readonly namespace: string;
}

async function readBack(lab: Lab, { folder, namespace }: ReadBackOptions) {
  const objects = await read(lab, ['-n', namespace, '-f', folder]);
  return new Map(objects.map((object) => [keyOf(object), object]));
}

function versions(objects: ReadonlyMap<string, KubernetesObject>) {
  return [...objects].map(([key, { metadata }]) => [key, metadata.resourceVersion]);
}
