import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CHART_NAMES, CHARTS, type ChartName, chartYamlIn, imageDigestOf } from './charts.ts';
import { wrongChecksums } from './checksums.ts';
import { archiveName } from './images.ts';
import { digestInArchive, environmentsInArchive } from './oci.ts';

export interface VerifyOptions {
  readonly version: string;
  readonly folder: string;
  /** What the operator's image must send with. Without it, any key is right. */
  readonly operatorWriteKey?: string | undefined;
}

/**
 * Rejects unless each file is what its checksum says, each chart names its image in the folder by the
 * image's digest, and the operator's image has its write key. The error has all problems.
 */
export async function verifyRelease(options: VerifyOptions): Promise<void> {
  const checks = CHART_NAMES.map((name) => wrongDigest(name, options));
  const found = await Promise.all([...checks, wrongWriteKey(options)]);
  const problems = [...(await wrongChecksums(options.folder)), ...found.flat()];
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

async function wrongDigest(
  name: ChartName,
  { version, folder }: VerifyOptions,
): Promise<readonly string[]> {
  const chart = `${name}-${version}.tgz`;
  const image = archiveName(CHARTS[name], version);
  const named = imageDigestOf(await chartYamlIn(join(folder, chart), name));
  const hasImage = existsSync(join(folder, image));
  const built = hasImage ? await digestInArchive(join(folder, image)) : undefined;
  if (named === built) return [];
  return [`${chart} names the image ${named ?? 'none'}, and ${image} is ${built ?? 'missing'}.`];
}

async function wrongWriteKey(options: VerifyOptions): Promise<readonly string[]> {
  const { version, folder, operatorWriteKey } = options;
  const image = archiveName('kusk-gateway-telemetry', version);
  if (operatorWriteKey === undefined || !existsSync(join(folder, image))) return [];
  const variable = `ANALYTICS_WRITE_KEY=${operatorWriteKey}`;
  const environments = await environmentsInArchive(join(folder, image));
  if (environments.every((environment) => environment.includes(variable))) return [];
  return [`${image} does not have ${variable} for each platform.`];
}
