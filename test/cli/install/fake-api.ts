import type { KubeApi } from '../../../src/cli/install/kube-api.ts';
import { type KubeObject, keyOf } from '../../../src/cli/install/kube-object.ts';
import { KubeStatusError } from '../../../src/cluster/errors.ts';

export interface FakeApiOptions {
  readonly objects?: readonly KubeObject[];
  /** Errors by what is called: `apply Role kusk-system/x`, `list secrets`. The first call gets it. */
  readonly errors?: Readonly<Record<string, Error>>;
  /** Answers of `get` and `post` by path. */
  readonly answers?: (path: string, body?: unknown) => unknown;
}

/** A cluster in memory. A server-side apply changes the resourceVersion if the object is new to it. */
export function fakeApi({ objects = [], errors = {}, answers = () => ({}) }: FakeApiOptions = {}) {
  const stored = new Map(objects.map((object) => [keyOf(object), object]));
  const pendingErrors = new Map(Object.entries(errors));
  const calls: string[] = [];
  const merged: object[] = [];

  function called(call: string): void {
    calls.push(call);
    const error = pendingErrors.get(call);
    pendingErrors.delete(call);
    if (error) throw error;
  }

  const api: KubeApi = {
    async get(path) {
      called(`get ${path}`);
      return answers(path);
    },
    async post(path, body) {
      called(`post ${path}`);
      return answers(path, body);
    },
    async read(ref) {
      called(`read ${keyOf({ apiVersion: '', ...ref })}`);
      return stored.get(keyOf({ apiVersion: '', ...ref }));
    },
    async list(kind) {
      called(`list ${kind}`);
      return [...stored.values()].filter((object) => object.kind === kind);
    },
    async apply(object, { dryRun = false, force = false } = {}) {
      called(`apply ${keyOf(object)}`);
      const before = stored.get(keyOf(object));
      const resourceVersion = before?.metadata.resourceVersion ?? '1';
      const after = { ...object, metadata: { ...object.metadata, resourceVersion } };
      if (!dryRun) stored.set(keyOf(object), after);
      if (force) calls.push('by force');
      return after;
    },
    async create(object) {
      called(`create ${keyOf(object)}`);
      stored.set(keyOf(object), object);
      return object;
    },
    async patch(ref) {
      called(`patch ${keyOf(ref)}`);
      return stored.get(keyOf(ref)) as KubeObject;
    },
    async merge(ref, patch) {
      called(`merge ${keyOf(ref)}`);
      merged.push(patch);
      return stored.get(keyOf(ref)) as KubeObject;
    },
    async remove(object, { dryRun = false } = {}) {
      called(`remove ${keyOf(object)}${dryRun ? ' (dry run)' : ''}`);
      if (!dryRun) stored.delete(keyOf(object));
    },
  };
  return { api, calls, merged, stored };
}

/** Creates the error of a response. */
export function statusError(
  status: number,
  causes: readonly { field: string; message: string }[] = [],
) {
  return new KubeStatusError(status, { explanation: { message: 'because', causes } });
}
