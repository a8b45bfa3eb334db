import { type ConfigFile, configValue } from '../../consent/config-file.ts';
import { type Consent, decideConsent, type Switch } from '../../consent/consent.ts';
import type { Environment } from '../../runtime/environment.ts';
import { proxyFor } from '../../runtime/proxy-settings.ts';
import { trimmed } from '../../runtime/trim.ts';
import { ConfigError, type Found } from './readers.ts';
import { SETTING_ROWS, type Setting, type SettingValues } from './settings.ts';

/** The settings of the operator that are read once, at start. */
export interface Config extends SettingValues {
  /**
   * Why no event can be sent, each with what to write instead. These problems do not end the
   * operator: while telemetry is on it keeps the events, and while it is off they have no effect.
   */
  readonly deliveryProblems: readonly string[];
}

/** Where settings are written. */
interface Sources {
  readonly file: ConfigFile;
  readonly environment: Environment;
}

/**
 * Parses the file and the environment into one frozen value. The environment wins over the file.
 *
 * Throws a `ConfigError` that names each invalid value and what is allowed. Consent is not part of
 * it: an invalid switch does not end the operator but switches telemetry off.
 */
export function parseConfig(file: ConfigFile, environment: Environment): Config {
  const problems = { start: [] as string[], delivery: [] as string[] };
  const values: Record<string, unknown> = {};
  for (const [name, setting] of SETTING_ROWS) {
    if (setting.use === 'switch') continue;
    const read = () => setting.reader.read(find(setting, { file, environment }));
    values[name] = valueOr(read, problems[setting.use]);
  }
  if (problems.start.length > 0) throw new ConfigError(problems.start);

  // Each value was read by the reader from which the type of its property is derived.
  const settings = values as unknown as SettingValues;
  const deliveryProblems = [...problems.delivery, ...proxyProblems(settings.endpoint, environment)];
  return Object.freeze({ ...settings, deliveryProblems });
}

/** Returns what `read` returns, or adds why it is invalid to `problems` and returns `undefined`. */
function valueOr(read: () => unknown, problems: string[]): unknown {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

/** Finds a setting. A variable that is not empty wins over the file. */
function find({ key, variable }: Setting, { file, environment }: Sources): Found {
  const value = variable === undefined ? undefined : environment[variable];
  if (variable !== undefined && (key === undefined || trimmed(value ?? '') !== ''))
    return { name: variable, value };
  return { name: `${key} in ${file.name}`, value: key && configValue(file, key) };
}

/** Everything that may decide whether telemetry is on. */
export interface ConsentSources extends Sources {
  readonly optOuts: readonly Switch[];
}

/** Decides whether telemetry is on. The strictest of all switches wins. */
export function consentIn({ optOuts, ...sources }: ConsentSources): Consent {
  const { file } = sources;
  const consent = decideConsent([...optOuts, ...switchesIn('consent', sources)]);
  if (file.problems.length === 0) return consent;
  const decidedBy = consent.on ? `${file.name} can't be understood` : consent.decidedBy;
  return { on: false, decidedBy, problems: [...file.problems, ...consent.problems] };
}

/**
 * Decides whether the opt-out event may be sent. An invalid value counts as no. If a file as a
 * whole is invalid or can't be read, the opt-out was not decided by a user, and is not reported.
 */
export function reportsOptOut({ optOuts, ...sources }: ConsentSources): boolean {
  const isUnreadable = optOuts.some(({ problem }) => problem !== undefined);
  if (sources.file.problems.length > 0 || isUnreadable) return false;
  return decideConsent(switchesIn('opt-out event', sources)).on;
}

/** Returns the switches of the environment, then those of the file. */
function switchesIn(
  decides: 'consent' | 'opt-out event',
  { file, environment }: Sources,
): readonly Switch[] {
  const rows = SETTING_ROWS.map(([, setting]) => setting)
    .filter((setting) => setting.use === 'switch')
    .filter((setting) => setting.decides === decides);
  const variables = rows.flatMap(({ variable, inverted = false }) => {
    if (variable === undefined) return [];
    const value = environment[variable];
    // An empty DO_NOT_TRACK is not set; any other empty switch is off.
    return { name: variable, value: inverted ? value || undefined : value, inverted };
  });
  const keys = rows.flatMap(({ key }) =>
    key === undefined ? [] : { name: `${key} in ${file.name}`, value: configValue(file, key) },
  );
  return [...variables, ...keys];
}

function proxyProblems(endpoint: URL | undefined, environment: Environment): readonly string[] {
  if (endpoint === undefined) return [];
  try {
    proxyFor(endpoint, environment);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}
