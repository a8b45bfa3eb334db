import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const LOAD_BATCH = JSON.stringify(new URL('load-batch.ts', import.meta.url).href);

/**
 * Writes modules into a folder that each load several test files, so that these run in one process, one
 * after another. Returns their paths. A process for each file takes a third more processor time.
 *
 * Files are dealt like cards: if the longest come first, the batches take about as long as each other.
 */
export async function writeBatches(
  files: readonly string[],
  { count, folder }: { readonly count: number; readonly folder: string },
): Promise<readonly string[]> {
  const batches = Array.from({ length: Math.min(count, files.length) }, (_, batch) =>
    files.filter((_, index) => index % count === batch),
  );
  return await Promise.all(
    batches.map(async (batch, number) => {
      const path = join(folder, `${number}.mjs`);
      const urls = JSON.stringify(batch.map((file) => pathToFileURL(file).href));
      await writeFile(path, `import { loadBatch } from ${LOAD_BATCH};\nloadBatch(${urls});\n`);
      return path;
    }),
  );
}
