import { loadAll } from 'js-yaml';
import { CHART, type Helm, setting } from './helm.ts';

/** An object that the chart makes, as far as tests look into it. */
export interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly rules?: readonly unknown[];
  readonly spec?: unknown;
}

export interface RenderCall {
  readonly set?: readonly string[];
  /** A values file. */
  readonly values?: string;
  readonly release?: string;
  readonly namespace?: string;
  readonly chart?: string;
  /** The version of Kubernetes. Helm's own idea by default. */
  readonly kubeVersion?: string;
  /** The one template to render, also of `helm test`. All others by default. */
  readonly only?: string;
}

/** `helm template`, as text. Rejects with Helm's words. */
export async function template(helm: Helm, call: RenderCall = {}): Promise<string> {
  const { set = [], values, release = 'kusk-gateway', namespace = 'kusk-system' } = call;
  const files = values === undefined ? [] : ['--values', '-'];
  const which = call.only === undefined ? ['--skip-tests'] : ['--show-only', call.only];
  const args = ['template', release, call.chart ?? CHART, '--namespace', namespace, ...which];
  const version = call.kubeVersion === undefined ? [] : ['--kube-version', call.kubeVersion];
  const all = [...args, ...version, ...files, ...setting(set)];
  return await helm.run(all, { input: values ?? '' });
}

/** `helm template`, as objects. */
export async function render(helm: Helm, call: RenderCall = {}): Promise<readonly Rendered[]> {
  return parse(await template(helm, call));
}

/** Returns what `helm test` creates: its pod, and a way for it to what it tests if there are network policies. */
export async function testObjects(helm: Helm, call: RenderCall = {}): Promise<readonly Rendered[]> {
  return parse(await template(helm, { ...call, only: 'templates/tests/ready.yaml' }));
}

export function parse(manifests: string): readonly Rendered[] {
  return (loadAll(manifests) as readonly (Rendered | null)[]).filter((each) => each !== null);
}

/** The one object of that kind and name. */
export function find(objects: readonly Rendered[], kind: string, name?: string): Rendered {
  const found = objects.filter(
    (object) => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
  const [only] = found;
  if (only === undefined || found.length > 1) {
    throw new Error(`${found.length} of ${kind} ${name ?? ''}`);
  }
  return only;
}

/** `Kind/name` of each, in order. */
export function names(objects: readonly Rendered[]): readonly string[] {
  return objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort();
}
