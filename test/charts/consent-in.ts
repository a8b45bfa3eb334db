import { load } from 'js-yaml';
import { find, type Rendered } from './rendered.ts';

/** What the chart's ConfigMap says by its key `ANALYTICS_ENABLED`, and by `analytics.enabled` in `config.yaml`. */
export function consentIn(objects: readonly Rendered[]): {
  readonly key: unknown;
  readonly file: unknown;
} {
  const { data } = find(objects, 'ConfigMap', 'kusk-gateway-manager');
  const { ANALYTICS_ENABLED: key, 'config.yaml': text = 'analytics: {}' } = data ?? {};
  const { analytics } = load(text) as { readonly analytics: { readonly enabled?: boolean } };
  return { key, file: analytics.enabled };
}
