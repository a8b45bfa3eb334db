import type { Consent } from '../../consent/consent.ts';
import type { CommandContext, ExitCode } from '../command.ts';
import { flagText } from '../flags.ts';
import { jsonText, yamlText } from '../output/documents.ts';
import { textOf } from '../output/yaml.ts';
import type { Data, KubeObject } from './kube-object.ts';
import { type InstallSettings, namespaceObject, withSettings } from './object-settings.ts';
import { decideSettings, NOTHING_SET, type Wishes } from './settings.ts';

export interface ExportOptions {
  readonly command: 'install';
  readonly namespace: string;
  readonly wishes: Wishes;
  readonly machine: Consent;
}

/**
 * The objects of an installation in the order in which they are applied, as generated: YAML, and those
 * that settings change.
 */
interface ExportedObjects {
  readonly crds: string;
  readonly on: readonly (string | KubeObject)[];
  readonly off: readonly (string | KubeObject)[];
  readonly offSwitches: Data;
}

/** Stands for the namespace in the generated file. */
const NAMESPACE = '<NAMESPACE>';
const QUOTED = new RegExp(`"([^"]*${NAMESPACE}[^"]*)"`, 'g');

/**
 * Prints the objects of an installation as YAML, or as a List in JSON. It knows no cluster: the flags
 * decide, or this machine.
 */
export async function printExport(
  options: ExportOptions,
  { flags, stdout, stderr }: Pick<CommandContext, 'flags' | 'stdout' | 'stderr'>,
): Promise<ExitCode> {
  const { settings, decidedBy } = decideSettings({ ...options, former: NOTHING_SET });
  const isJson = flagText(flags, 'output') === 'json';
  stdout.write(await (isJson ? exportJson(settings) : exportText(settings)));
  const state = settings.analytics ? 'ON' : 'OFF';
  stderr.write(`Telemetry is ${state} in these objects: ${decidedBy}.\n`);
  return 0;
}

/**
 * Returns `installationObjects(settings)` as YAML documents. To write the CRDs as YAML takes as long as
 * Node takes to start, so everything that no setting changes is generated as text.
 */
export async function exportText(settings: InstallSettings): Promise<string> {
  const generated = await import('./export-objects.json', { with: { type: 'json' } });
  const { crds, on, off, offSwitches } = generated.default as unknown as ExportedObjects;
  const { analytics, namespace } = settings;
  const own = (analytics ? on : off).map((piece) => {
    if (typeof piece === 'string') return withNamespace(piece, namespace);
    const object = JSON.parse(JSON.stringify(piece).replaceAll(NAMESPACE, namespace));
    const set = withSettings(object as KubeObject, { settings, offSwitches });
    return set === undefined ? '' : document(set);
  });
  return [document(namespaceObject(settings)), crds, ...own].join('');
}

async function exportJson(settings: InstallSettings): Promise<string> {
  const { installationObjects } = await import('./objects.ts');
  return jsonText({ apiVersion: 'v1', kind: 'List', items: installationObjects(settings) });
}

/** Returns YAML with the namespace in it, without quotes if it needs none. */
function withNamespace(yaml: string, namespace: string): string {
  return yaml.replaceAll(QUOTED, (_, text: string) =>
    textOf(text.replaceAll(NAMESPACE, namespace)),
  );
}

function document(object: KubeObject): string {
  return `---\n${yamlText(object)}`;
}
