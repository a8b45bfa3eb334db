import type { Value } from './values.ts';

/** Its absence says something, so that nothing takes its place. */
const WITHOUT_DEFAULTS = 'analytics';

/** The default of each key that can be set, for the chart's templates, as JSON. */
export function defaultsText(values: readonly Value[]): string {
  const defaults = values
    .filter(({ path, isLeaf }) => isLeaf && path[0] !== WITHOUT_DEFAULTS)
    .map((value) => JSON.stringify({ path: value.path, default: value.default }));
  return `[\n  ${defaults.join(',\n  ')}\n]\n`;
}
