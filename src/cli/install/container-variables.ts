import { hasStatus } from '../../cluster/errors.ts';
import type { KubeApi } from './kube-api.ts';
import { type Data, dataOf, decoded } from './kube-object.ts';
import type { Container, Variable } from './object-settings.ts';

/** Where a variable of a container has its value from: the Deployment itself, or a key of something else. */
export type VariablePlace = { readonly variable: string } & (
  | { readonly kind: 'Deployment' }
  | (Source & { readonly key: string })
);

/** A variable of a container. */
export interface FoundVariable {
  /** Where a person finds it: `ANALYTICS_ENABLED of the Deployment`, `ANALYTICS_ENABLED in Secret x`. */
  readonly name: string;
  /** `undefined` if only the pod has it: a field of the pod, or a value with another variable in it. */
  readonly value: string | undefined;
  readonly place: VariablePlace;
}

/** The variables of a container, as far as they can be read. */
export interface ContainerVariables {
  /** Returns a variable, or `undefined` if the container has none of this name. */
  readonly find: (name: string) => FoundVariable | undefined;
  /** What can't be read: a sentence each. */
  readonly problems: readonly string[];
}

export interface ReadVariablesOptions {
  readonly api: Pick<KubeApi, 'read'>;
  readonly namespace: string;
  readonly names: readonly string[];
  /** More names. They decide nothing: that a source of theirs may not be read is no problem. */
  readonly otherNames?: readonly string[];
}

interface Source {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
}

/** Where a variable may come from: a key of a source, or the Deployment itself. */
type Candidate =
  | { readonly source: Source; readonly key: string }
  | { readonly source: undefined; readonly value: string | undefined };

/**
 * Reads variables of a container, with the ConfigMaps and Secrets that they come from.
 *
 * A source of `names` that the account may not read is a problem. Rejects with the other errors of `KubeApi`.
 */
export async function readVariables(
  container: Container | undefined,
  { api, namespace, names, otherNames = [] }: ReadVariablesOptions,
): Promise<ContainerVariables> {
  const all = [...names, ...otherNames];
  const candidates = new Map(all.map((name) => [name, candidatesOf(name, container)]));
  const sources = [...candidates.values()].flat().flatMap(({ source }) => source ?? []);
  const byText = new Map(sources.map((source) => [textOf(source), source]));
  const data = new Map<string, Data | undefined>();
  for (const [text, source] of byText) data.set(text, await readData(source, { api, namespace }));
  const needed = names.flatMap((name) => candidates.get(name) ?? []);
  const neededTexts = new Set(needed.map(({ source }) => source && textOf(source)));
  const unread = [...data].filter(([text, found]) => found === undefined && neededTexts.has(text));
  function find(name: string): FoundVariable | undefined {
    const found = (candidates.get(name) ?? []).flatMap((one): readonly FoundVariable[] => {
      const { source } = one;
      if (source === undefined) {
        const place = { kind: 'Deployment', variable: name } as const;
        return [{ name: `${name} of the Deployment`, value: one.value, place }];
      }
      const { key } = one;
      const value = data.get(textOf(source))?.[key];
      const place = { ...source, key, variable: name };
      return value === undefined ? [] : [{ name: `${key} in ${textOf(source)}`, value, place }];
    });
    return found.at(-1);
  }

  const onlyInPod = names
    .flatMap((name) => find(name) ?? [])
    .filter(({ value }) => value === undefined);
  return {
    find,
    problems: [
      ...unread.map(
        ([text]) =>
          `your account may not read ${text}, from which the operator has variables: a switch in it does not show here`,
      ),
      ...onlyInPod.map(
        ({ name }) => `${name} can't be read from outside a pod: what it says does not show here`,
      ),
    ],
  };
}

/**
 * Returns where a variable may come from. The last one that has it wins.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#environment-variables
 */
function candidatesOf(name: string, container: Container | undefined): readonly Candidate[] {
  const whole = (container?.envFrom ?? []).flatMap((one): readonly Candidate[] => {
    const { prefix = '', configMapRef, secretRef } = one;
    const source = sourceOf({ map: configMapRef, secret: secretRef });
    const isOfIt = source !== undefined && name.startsWith(prefix);
    return isOfIt ? [{ source, key: name.slice(prefix.length) }] : [];
  });
  const own = (container?.env ?? []).flatMap((one): readonly Candidate[] => {
    if (one.name !== name) return [];
    const { configMapKeyRef: map, secretKeyRef: secret } = one.valueFrom ?? {};
    const source = sourceOf({ map, secret });
    const key = (map ?? secret)?.key ?? '';
    return [source ? { source, key } : { source, value: textOutsidePod(one) }];
  });
  return [...whole, ...own];
}

/** @see https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/ */
function textOutsidePod({ value = '', valueFrom }: Variable): string | undefined {
  return valueFrom || value.includes('$(') ? undefined : value;
}

interface Refs {
  readonly map: { readonly name?: string } | undefined;
  readonly secret: { readonly name?: string } | undefined;
}

function sourceOf({ map, secret }: Refs): Source | undefined {
  if (map?.name !== undefined) return { kind: 'ConfigMap', name: map.name };
  return secret?.name === undefined ? undefined : { kind: 'Secret', name: secret.name };
}

function textOf({ kind, name }: Source): string {
  return `${kind} ${name}`;
}

/** Returns the data of a source, which is empty if there is none, or `undefined` if it may not be read. */
async function readData(
  { kind, name }: Source,
  { api, namespace }: Pick<ReadVariablesOptions, 'api' | 'namespace'>,
): Promise<Data | undefined> {
  try {
    const data = dataOf(await api.read({ kind, name, namespace }));
    return kind === 'Secret' ? decoded(data) : data;
  } catch (error) {
    if (hasStatus(error, 403)) return undefined;
    throw error;
  }
}
