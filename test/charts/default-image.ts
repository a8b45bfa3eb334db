import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { chartOf } from '../../lab/support/programs.ts';
import type { ChartName } from '../../tools/release/charts.ts';

interface Values {
  readonly image?: { readonly repository: string };
  readonly manager?: { readonly image: { readonly repository: string } };
}

/**
 * Returns the repository of the image that a chart names without any values, with its registry:
 * `docker.io/kubeshop/kusk-collector`. The chart of a release can name another than that of a checkout.
 */
export function defaultImage(name: ChartName): string {
  const text = readFileSync(join(chartOf(name), 'values.yaml'), 'utf8');
  const { image, manager } = load(text) as Values;
  const repository = (image ?? manager?.image)?.repository ?? '';
  return /^[^/]*[.:]/.test(repository) ? repository : `docker.io/${repository}`;
}
