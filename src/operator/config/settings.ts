import type { ConfigKey } from '../../consent/config-file.ts';
import { DEFAULT_ENDPOINT } from '../../deliver/endpoint-settings.ts';
import { LOG_LEVELS } from '../../runtime/log-level.ts';
import { address, choice, flag, type Reader, text, url, writeKey } from './readers.ts';

/** Where a setting is written: in the file, in the environment, or in either. */
type Place =
  | { readonly key: ConfigKey; readonly variable?: string }
  | { readonly key?: undefined; readonly variable: string };

/**
 * How a setting is used.
 *
 * - `switch`: decides whether telemetry is on. It is read again while the operator runs.
 * - `delivery`: read once. If it is invalid, the operator runs and keeps its events.
 * - `start`: read once. If it is invalid, the operator does not start.
 */
type Use =
  | {
      readonly use: 'switch';
      readonly decides: 'consent' | 'opt-out event';
      readonly inverted?: true;
    }
  | {
      readonly use: 'delivery' | 'start';
      readonly reader: Reader<unknown>;
      readonly otherwise?: string;
    };

/** One setting, with its description for `docs/configuration.md`. */
export type Setting = Place & Use & { readonly description: string };

/**
 * Every setting of the operator. The parser and `docs/configuration.md` come from this table.
 */
export const SETTINGS = {
  enabled: {
    key: 'analytics.enabled',
    variable: 'ANALYTICS_ENABLED',
    use: 'switch',
    decides: 'consent',
    description: 'Whether telemetry is on.',
  },
  enable: {
    key: 'analytics.enable',
    use: 'switch',
    decides: 'consent',
    description: 'Another spelling of `analytics.enabled`. If either is off, telemetry is off.',
  },
  doNotTrack: {
    variable: 'DO_NOT_TRACK',
    use: 'switch',
    decides: 'consent',
    inverted: true,
    description:
      'A value such as `1` or `true` switches telemetry off. `0`, `false` and an empty value have no effect.',
  },
  reportOptOut: {
    key: 'analytics.reportOptOut',
    variable: 'ANALYTICS_REPORT_OPT_OUT',
    use: 'switch',
    decides: 'opt-out event',
    description:
      'Whether one last event, `analytics-disabled`, is sent when telemetry is switched off.',
  },
  endpoint: {
    key: 'analytics.endpoint',
    variable: 'ANALYTICS_ENDPOINT',
    use: 'delivery',
    reader: url(DEFAULT_ENDPOINT),
    description: 'The endpoint that events are sent to: Segment, or a collector of your own.',
  },
  writeKey: {
    key: 'analytics.writeKey',
    variable: 'ANALYTICS_WRITE_KEY',
    use: 'delivery',
    reader: writeKey,
    otherwise: "the image's own",
    description: "The endpoint's write key. Without one, nothing is sent.",
  },
  logLevel: {
    key: 'logLevel',
    variable: 'LOG_LEVEL',
    use: 'start',
    reader: choice(LOG_LEVELS, 'info'),
    description: `The lowest level that is logged: ${LOG_LEVELS.map((level) => `\`${level}\``).join(', ')}.`,
  },
  leaderElection: {
    variable: 'ENABLE_LEADER_ELECTION',
    use: 'start',
    reader: flag(true),
    description:
      'Whether replicas elect a leader. `false` is for a single replica without a Lease.',
  },
  metrics: {
    variable: 'METRICS_BIND_ADDR',
    use: 'start',
    reader: address(':8080'),
    description: 'The address of `/metrics`, or `0` for none.',
  },
  health: {
    variable: 'HEALTH_PROBE_BIND_ADDR',
    use: 'start',
    reader: address(':8081'),
    description: 'The address of `/healthz` and `/readyz`, or `0` for none.',
  },
  kubeconfig: {
    variable: 'KUBECONFIG',
    use: 'start',
    reader: text,
    otherwise: "the pod's service account",
    description: 'The path of a kubeconfig file.',
  },
  podName: {
    variable: 'POD_NAME',
    use: 'start',
    reader: text,
    otherwise: 'generated at start',
    description: 'The identity in leader election. It must differ for each running replica.',
  },
  namespace: {
    variable: 'POD_NAMESPACE',
    use: 'start',
    reader: text,
    otherwise: "the kubeconfig's, else `kusk-system`",
    description: 'The namespace of the ledger and the Lease.',
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** The rows of the table, for code that treats all of them alike. */
export const SETTING_ROWS: readonly (readonly [string, Setting])[] = Object.entries(SETTINGS);

type Table = typeof SETTINGS;

/** The settings that are read once. One of `delivery` is `undefined` if it is invalid. */
export type SettingValues = {
  readonly [Name in keyof Table as Table[Name] extends { reader: unknown } ? Name : never]:
    | (Table[Name] extends { reader: Reader<infer Value> } ? Value : never)
    | (Table[Name] extends { use: 'delivery' } ? undefined : never);
};
