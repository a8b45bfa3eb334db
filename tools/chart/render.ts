import { dump, loadAll } from 'js-yaml';
import { run } from '../../lab/support/run.ts';

/** What plain manifests have no use for: they belong to no Helm release. */
const OF_HELM =
  /^# Source: .*\n|^ *helm\.sh\/chart: .*\n|^ *app\.kubernetes\.io\/managed-by: .*\n|^ *helm\.sh\/resource-policy: keep\n/gm;

/**
 * How plain manifests differ from the chart's default. Kusk Gateway 1.x has a ServiceAccount, a Service and a
 * Deployment `kusk-gateway-manager` too: the first two have other names here, and the API server refuses
 * to give a Deployment that exists another selector, which has the release's name in it.
 */
export const PLAIN = {
  release: 'kusk-gateway-telemetry',
  set: [
    'fullnameOverride=kusk-gateway',
    'serviceAccount.name=kusk-gateway-telemetry',
    'service.name=kusk-gateway-telemetry',
  ],
} as const;

export interface RenderOptions {
  readonly helm: string;
  readonly chart: string;
  readonly namespace: string;
  /** `analytics.enabled=false`. */
  readonly set?: readonly string[];
  /** Whether the CRDs are rendered too. */
  readonly crds?: boolean;
}

/** Renders the chart, without its tests, as plain manifests. Rejects with Helm's words. */
export async function render(options: RenderOptions): Promise<string> {
  const { helm, chart, namespace, set = [], crds = false } = options;
  const all = [`crds.install=${crds}`, ...PLAIN.set, ...set];
  const values = all.flatMap((one) => ['--set', one]);
  const args = ['template', PLAIN.release, chart, '--namespace', namespace, '--skip-tests'];
  const { code, output } = await run(helm, [...args, ...values]);
  if (code !== 0) throw new Error(output);
  return `${output}\n`.replace(OF_HELM, '').replaceAll('\n\n---', '\n---');
}

/**
 * Splits rendered manifests in two: the one object of that key, such as `ConfigMap/NAMESPACE/NAME`, and
 * all others.
 */
export function apart(text: string, key: string): { readonly one: string; readonly rest: string } {
  const documents = text.split(/^---\n/m).filter((document) => document.trim() !== '');
  const isOne = (document: string) => manifests(document).some((each) => keyOf(each) === key);
  const join = (some: readonly string[]) => some.map((document) => `---\n${document}`).join('');
  return {
    one: join(documents.filter(isOne)),
    rest: join(documents.filter((document) => !isOne(document))),
  };
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** A strategic merge patch that deletes an object. */
interface Deletion {
  readonly kind: string;
  readonly text: string;
}

/**
 * Strategic merge patches that make of some rendered manifests others, of which none is new: those that
 * change an object as one text, and those that delete one as a text each. In one file, kubectl 1.32
 * and its kustomize crash at what follows a deletion.
 */
export function patches(
  from: string,
  to: string,
): { readonly changes: string; readonly deletions: readonly Deletion[] } {
  const targets = new Map(manifests(to).map((manifest) => [keyOf(manifest), manifest]));
  const pairs = manifests(from).map((before) => ({ before, after: targets.get(keyOf(before)) }));
  const changed = pairs.flatMap(({ before, after }) =>
    after && JSON.stringify(after) !== JSON.stringify(before) ? [after] : [],
  );
  const deleted = pairs.filter(({ after }) => !after).map(({ before }) => withoutRest(before));
  return {
    changes: changed.map((patch) => dump(patch)).join('---\n'),
    deletions: deleted.map((manifest) => ({
      kind: manifest.kind,
      text: dump({ $patch: 'delete', ...manifest }),
    })),
  };
}

/** Returns the objects of a YAML stream. */
export function manifests(text: string): readonly Manifest[] {
  return (loadAll(text) as readonly (Manifest | null)[]).filter((each) => each !== null);
}

function keyOf({ kind, metadata }: Manifest): string {
  return `${kind}/${metadata.namespace}/${metadata.name}`;
}

/** What distinguishes an object from others. */
function withoutRest({ apiVersion, kind, metadata: { name, namespace } }: Manifest): Manifest {
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  };
}
