import { load } from 'js-yaml';

/**
 * The keys that the operator's configuration file may have: a name at its top, or `analytics.` and a name
 * in its mapping `analytics`. What each means is in the operator's table of settings.
 */
export const CONFIG_KEYS = [
  'analytics.enabled',
  'analytics.enable',
  'analytics.reportOptOut',
  'analytics.endpoint',
  'analytics.writeKey',
  'logLevel',
] as const;
export type ConfigKey = (typeof CONFIG_KEYS)[number];

const PATHS = CONFIG_KEYS.map((key) => key.split('.'));
const TOP_KEYS = [...new Set(PATHS.map(([top = '']) => top))];
const ANALYTICS_KEYS = PATHS.flatMap(([, inner]) => inner ?? []);

type Mapping = Readonly<Record<string, unknown>>;

/** The configuration file, parsed but not validated. */
export interface ConfigFile {
  /** The path, or a description if there is no file. */
  readonly name: string;
  readonly root: Mapping;
  readonly analytics: Mapping;
  /** Why the file as a whole, or its mapping `analytics`, is invalid. */
  readonly problems: readonly string[];
}

/** The result of reading the file. */
export type FileText =
  | { readonly text: string }
  | { readonly error: string }
  /** No file is configured. */
  | 'none';

/**
 * Parses the YAML of the configuration file. JSON is YAML.
 *
 * Never throws. An invalid file may have been meant to switch telemetry off, so a problem counts as off.
 */
export function readConfigFile(name: string, found: FileText): ConfigFile {
  if (found === 'none')
    return { name: 'the configuration file', root: {}, analytics: {}, problems: [] };
  if ('error' in found) {
    return invalid(name, `${name} can't be read (${found.error}): telemetry is off until it can`);
  }
  const root = parse(found.text);
  if (root === undefined) {
    return invalid(
      name,
      `${name} is not YAML with a mapping at its top: telemetry is off. Write analytics: {enabled: true} or {enabled: false}.`,
    );
  }
  return { name, root, ...readAnalytics(name, root) };
}

/** Returns the value of a key as it is written. `undefined` if it is absent. */
export function configValue({ root, analytics }: ConfigFile, key: ConfigKey): unknown {
  const [top = '', inner] = key.split('.');
  return inner === undefined ? root[top] : analytics[inner];
}

function readAnalytics(
  name: string,
  root: Mapping,
): { readonly analytics: Mapping; readonly problems: readonly string[] } {
  const unknown = Object.keys(root).filter((key) => !TOP_KEYS.includes(key));
  const problems = unknown.map((key) => unknownKey(name, key, TOP_KEYS));
  if (!('analytics' in root)) return { analytics: {}, problems };

  const { analytics } = root;
  if (!isMapping(analytics)) {
    const problem = `analytics in ${name} is not a mapping: telemetry is off. Write analytics: {enabled: true} or {enabled: false}.`;
    return { analytics: {}, problems: [...problems, problem] };
  }
  const unknownWithin = Object.keys(analytics).filter((key) => !ANALYTICS_KEYS.includes(key));
  const typos = unknownWithin.map((key) =>
    unknownKey(
      name,
      `analytics.${key}`,
      ANALYTICS_KEYS.map((known) => `analytics.${known}`),
    ),
  );
  return { analytics, problems: [...problems, ...typos] };
}

/** Describes an unknown key. A misspelt key may have been meant to switch telemetry off. */
function unknownKey(name: string, key: string, known: readonly string[]): string {
  return `${key.slice(0, 60)} in ${name} is not known: telemetry is off. Write one of ${known.join(', ')}.`;
}

function invalid(name: string, problem: string): ConfigFile {
  return { name, root: {}, analytics: {}, problems: [problem] };
}

function parse(text: string): Mapping | undefined {
  // An empty file is valid here, but an error for the library.
  if (text.split(/\r?\n/).every((line) => /^\s*(#.*|---\s*)?$/.test(line))) return {};
  try {
    const root = load(text);
    return isMapping(root) ? root : undefined;
  } catch {
    return undefined;
  }
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
