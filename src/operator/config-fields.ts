import type { ConfigFile } from './config-file.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every wrong value of the configuration, a line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** One setting: where it may stand, and where to complain. */
export interface Field {
  readonly file: ConfigFile;
  readonly environment: Environment;
  /** In the file: `logLevel`, or `analytics.` and a key. */
  readonly key?: string;
  readonly variable: string;
  readonly problems: string[];
}

/** A text, or `undefined` where it is absent or empty. */
export function text(field: Field): string | undefined {
  const { name, value } = found(field);
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  field.problems.push(`${name} is of type ${typeof value}: write a text in quotes`);
  return undefined;
}

/** An http or https URL. */
export function url(field: Field, fallback: string): URL {
  const value = text(field) ?? fallback;
  if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return new URL(value);
  const { name } = found(field);
  field.problems.push(
    `${name} is "${value}": write an http:// or https:// URL, such as ${fallback}`,
  );
  return new URL(fallback);
}

/** One of a few words, in any case. */
export function choice<Word extends string>(
  field: Field,
  allowed: readonly Word[],
  fallback: Word,
): Word {
  const value = text(field)?.toLowerCase();
  if (value === undefined) return fallback;
  const word = allowed.find((candidate) => candidate === value);
  if (word) return word;
  field.problems.push(`${found(field).name} is "${value}": write one of ${allowed.join(', ')}`);
  return fallback;
}

/** `true` or `false`, as Go's `strconv.ParseBool` reads them. */
export function flag(field: Field, fallback: boolean): boolean {
  const value = text(field)?.toLowerCase();
  if (value === undefined) return fallback;
  if (['true', 't', '1'].includes(value)) return true;
  if (['false', 'f', '0'].includes(value)) return false;
  field.problems.push(`${found(field).name} is "${value}": write true or false`);
  return fallback;
}

/** The environment wins over the file. */
function found({ file, environment, key, variable }: Field): {
  readonly name: string;
  readonly value: unknown;
} {
  const value = environment[variable];
  if (value || key === undefined) return { name: variable, value };
  const [section, inner] = key.split('.');
  const inFile = inner ? file.analytics[inner] : file.root[section ?? ''];
  return { name: `${key} in ${file.name}`, value: inFile };
}
