import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CHART_NAMES, CHARTS, type ChartName, chartYamlIn, imageDigestOf } from './charts.ts';
import { wrongChecksums } from './checksums.ts';
import { archiveName } from './images.ts';
import { digestInArchive } from './oci.ts';

export interface VerifyOptions {
  readonly version: string;
  readonly folder: string;
}

/**
 * Rejects unless each file is what its checksum says, and each chart names its image in the folder by the
 * image's digest. The error has all problems.
 */
export async function verifyRelease({ version, folder }: VerifyOptions): Promise<void> {
  const charts = CHART_NAMES.map((name) => wrongDigest(name, { version, folder }));
  const problems = [...(await wrongChecksums(folder)), ...(await Promise.all(charts)).flat()];
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
