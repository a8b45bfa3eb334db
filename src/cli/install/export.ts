import type { Consent } from '../../consent/consent.ts';
import type { CommandContext, ExitCode } from '../command.ts';
import { yamlText } from '../output/documents.ts';
import { installationObjects } from './objects.ts';
import { decideSettings, NOTHING_SET, type Wishes } from './settings.ts';

export interface ExportOptions {
  readonly command: 'install';
  readonly namespace: string;
  readonly wishes: Wishes;
  readonly machine: Consent;
}

/** Prints the objects of an installation as YAML. It knows no cluster: the flags decide, or this machine. */
export async function printExport(
  options: ExportOptions,
  { stdout, stderr }: Pick<CommandContext, 'stdout' | 'stderr'>,
): Promise<ExitCode> {
  const { settings, decidedBy } = decideSettings({ ...options, former: NOTHING_SET });
  const documents = installationObjects(settings).map(yamlText);
  stdout.write(documents.map((document) => `---\n${document}`).join(''));
  const state = settings.analytics ? 'ON' : 'OFF';
  stderr.write(`Telemetry is ${state} in these objects: ${decidedBy}.\n`);
  return 0;
}
