import { load } from 'js-yaml';

type Mapping = Readonly<Record<string, unknown>>;

/** The configuration file, read but not yet understood. */
export interface ConfigFile {
  /** As a person would look for it. */
  readonly name: string;
  readonly root: Mapping;
  readonly analytics: Mapping;
  /** What makes the file as a whole, or its part on telemetry, impossible to understand. */
  readonly problems: readonly string[];
}

/** What a read of the file gave. */
export type FileText =
  | { readonly text: string }
  | { readonly error: string }
  /** No file was named. */
  | 'none';

const KEYS = ['analytics', 'logLevel'];
const ANALYTICS_KEYS = ['enabled', 'enable', 'reportOptOut', 'endpoint', 'writeKey'];

/**
 * Reads the YAML of the configuration file; JSON is YAML. Never throws: whoever wrote a file that
 * can't be understood may have meant to switch telemetry off in it, so its problems count as off.
 */
export function readConfigFile(name: string, found: FileText): ConfigFile {
  if (found === 'none')
    return { name: 'the configuration file', root: {}, analytics: {}, problems: [] };
  if ('error' in found) {
    return unclear(name, `${name} can't be read (${found.error}): telemetry is off until it can`);
  }
  const root = parse(found.text);
  if (root === undefined) {
    return unclear(
      name,
      `${name} is not YAML with a mapping at its top: telemetry is off. Write analytics: {enabled: true} or {enabled: false}.`,
    );
  }
  return { name, root, ...readAnalytics(name, root) };
}

function readAnalytics(
  name: string,
  root: Mapping,
): { readonly analytics: Mapping; readonly problems: readonly string[] } {
  const strangers = Object.keys(root).filter((key) => !KEYS.includes(key));
  const problems = strangers.map((key) => unknownKey(name, key, KEYS));
  if (!('analytics' in root)) return { analytics: {}, problems };

  const { analytics } = root;
  if (!isMapping(analytics)) {
    const problem = `analytics in ${name} is not a mapping: telemetry is off. Write analytics: {enabled: true} or {enabled: false}.`;
    return { analytics: {}, problems: [...problems, problem] };
  }
  const within = Object.keys(analytics).filter((key) => !ANALYTICS_KEYS.includes(key));
  const typos = within.map((key) =>
    unknownKey(
      name,
      `analytics.${key}`,
      ANALYTICS_KEYS.map((known) => `analytics.${known}`),
    ),
  );
  return { analytics, problems: [...problems, ...typos] };
}

/** A misspelt key may have been meant to switch telemetry off. */
function unknownKey(name: string, key: string, known: readonly string[]): string {
  return `${key.slice(0, 60)} in ${name} is not known: telemetry is off. Write one of ${known.join(', ')}.`;
}

function unclear(name: string, problem: string): ConfigFile {
  return { name, root: {}, analytics: {}, problems: [problem] };
}

function parse(text: string): Mapping | undefined {
  // An empty file says nothing, which the library takes for an error.
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
