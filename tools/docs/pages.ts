import { cliPage } from './cli.ts';
import { configurationPage } from './configuration.ts';
import { metricsPage } from './metrics.ts';
import { telemetryPage } from './telemetry.ts';

/** One generated page. */
export interface Page {
  /** Its path in the repository. */
  readonly path: string;
  readonly text: string;
}

/** Returns every page that is generated from a table in `src/`. */
export function pages(): readonly Page[] {
  return [
    { path: 'docs/telemetry.md', text: telemetryPage() },
    { path: 'docs/cli.md', text: cliPage() },
    { path: 'docs/configuration.md', text: configurationPage() },
    { path: 'docs/metrics.md', text: metricsPage() },
  ];
}

/** Returns the pages whose text differs from what `read` returns for their path. */
export async function outdated(
  all: readonly Page[],
  read: (path: string) => Promise<string>,
): Promise<readonly Page[]> {
  const current = await Promise.all(all.map(({ path }) => read(path)));
  return all.filter(({ text }, index) => text !== current[index]);
}
