import { type Consent, decideConsent, type Switch } from '../../consent/consent.ts';
import { proxyFor } from '../../deliver/proxy-settings.ts';
import { type Address, parseAddress } from '../observability/address.ts';
import { ConfigError, choice, type Environment, flag, url, variable, writeKey } from './fields.ts';
import type { ConfigFile } from './file.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;

/** Everything the operator is told at its start. */
export interface Config {
  /** `undefined` if what was written is no URL. */
  readonly endpoint: URL | undefined;
  readonly writeKey: string | undefined;
  /**
   * Why nothing can be delivered, each with what to write instead. It ends no operator: while
   * telemetry is on, events are kept; while it is off, it does not matter.
   */
  readonly deliveryProblems: readonly string[];
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly leaderElection: boolean;
  readonly metrics: Address | 'none';
  readonly health: Address | 'none';
  readonly kubeconfig: string | undefined;
  readonly podName: string | undefined;
  readonly namespace: string | undefined;
}

const SEGMENT = 'https://api.segment.io';

/**
 * Reads the file and the environment, which wins, into one frozen value.
 *
 * Throws a `ConfigError` that names each wrong value, what was found and what is allowed. Consent is
 * not part of it: a switch that can't be understood stops no operator, it silences it.
 */
export function parseConfig(file: ConfigFile, environment: Environment): Config {
  const problems: string[] = [];
  const fields = { file, environment, problems };
  const config = Object.freeze({
    ...delivery(file, environment),
    logLevel: choice({ ...fields, key: 'logLevel', variable: 'LOG_LEVEL' }, LOG_LEVELS, 'info'),
    leaderElection: flag({ ...fields, variable: 'ENABLE_LEADER_ELECTION' }, true),
    metrics: address({ ...fields, variable: 'METRICS_BIND_ADDR' }, ':8080'),
    health: address({ ...fields, variable: 'HEALTH_PROBE_BIND_ADDR' }, ':8081'),
    kubeconfig: variable(environment, 'KUBECONFIG'),
    podName: variable(environment, 'POD_NAME'),
    namespace: variable(environment, 'POD_NAMESPACE'),
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** What concerns only the way to the endpoint. */
function delivery(file: ConfigFile, environment: Environment) {
  const problems: string[] = [];
  const fields = { file, environment, problems };
  const endpoint = url(
    { ...fields, key: 'analytics.endpoint', variable: 'ANALYTICS_ENDPOINT' },
    SEGMENT,
  );
  const key = writeKey({
    ...fields,
    key: 'analytics.writeKey',
    variable: 'ANALYTICS_WRITE_KEY',
  });
  if (endpoint) problems.push(...proxyProblems(endpoint, environment));
  return { endpoint, writeKey: key, deliveryProblems: problems };
}

/** Everything that may say whether telemetry is on. */
export interface ConsentSources {
  readonly file: ConfigFile;
  readonly optOuts: readonly Switch[];
  readonly environment: Environment;
}

/** Whether telemetry is on, by all sources together: the strictest wins. */
export function consentIn({ file, optOuts, environment }: ConsentSources): Consent {
  const switches: Switch[] = [
    ...optOuts,
    { name: 'ANALYTICS_ENABLED', value: environment.ANALYTICS_ENABLED },
    { name: 'DO_NOT_TRACK', value: environment.DO_NOT_TRACK || undefined, inverted: true },
    { name: `analytics.enabled in ${file.name}`, value: file.analytics.enabled },
    { name: `analytics.enable in ${file.name}`, value: file.analytics.enable },
  ];
  const consent = decideConsent(switches);
  if (file.problems.length === 0) return consent;
  const decidedBy = consent.on ? `${file.name} can't be understood` : consent.decidedBy;
  return { on: false, decidedBy, problems: [...file.problems, ...consent.problems] };
}

/**
 * Whether it may be told that telemetry was switched off. What can't be understood is taken for the
 * stricter answer, and a file that as a whole can't be understood or read is nobody's decision.
 */
export function reportsOptOut({ file, optOuts, environment }: ConsentSources): boolean {
  const isUnreadable = optOuts.some(({ problem }) => problem !== undefined);
  if (file.problems.length > 0 || isUnreadable) return false;
  return decideConsent([
    { name: 'analytics.reportOptOut', value: file.analytics.reportOptOut },
    { name: 'ANALYTICS_REPORT_OPT_OUT', value: environment.ANALYTICS_REPORT_OPT_OUT },
  ]).on;
}

function proxyProblems(endpoint: URL, environment: Environment): readonly string[] {
  try {
    proxyFor(endpoint, environment);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

function address(
  field: { readonly environment: Environment; readonly variable: string; problems: string[] },
  fallback: string,
): Address | 'none' {
  const found = variable(field.environment, field.variable) ?? fallback;
  const parsed = parseAddress(found);
  if (parsed) return parsed;
  field.problems.push(
    `${field.variable} is "${found}": write HOST:PORT or :PORT, such as ${fallback}, or 0 for none`,
  );
  return 'none';
}
