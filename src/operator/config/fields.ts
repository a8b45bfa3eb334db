import { trimmed } from '../../deliver/trim.ts';
import type { ConfigFile } from './file.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every wrong value of the configuration, a line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** Segment's has 32. A header has room for a few thousand. */
const MAX_KEY_LENGTH = 500;

/** One setting: where it may stand, and where to complain. */
export interface Field {
  readonly file: ConfigFile;
  readonly environment: Environment;
  /** In the file: `logLevel`, or `analytics.` and a key. */
  readonly key?: string;
  readonly variable: string;
  readonly problems: string[];
}

/** A text without what surrounds it, or `undefined` if it is absent or empty. */
export function text(field: Field): string | undefined {
  const { name, value } = found(field);
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return trimmed(value) || undefined;
  field.problems.push(`${name} is of type ${typeof value}: write a text in quotes`);
  return undefined;
}

/** A variable's text without what surrounds it, or `undefined` if it is absent or empty. */
export function variable(environment: Environment, name: string): string | undefined {
  return trimmed(environment[name] ?? '') || undefined;
}

/** An http or https URL, or `undefined` if what was written is none. */
export function url(field: Field, fallback: string): URL | undefined {
  const value = text(field) ?? fallback;
  const parsed = URL.parse(value);
  if (parsed !== null && /^https?:$/.test(parsed.protocol)) return parsed;
  const { name } = found(field);
  field.problems.push(
    `${name} is "${shown(value)}": write an http:// or https:// URL, such as ${fallback}`,
  );
  return undefined;
}

/** A key that fits into a header. */
export function writeKey(field: Field): string | undefined {
  const value = text(field);
  if (value === undefined || (/^[!-~]+$/.test(value) && value.length <= MAX_KEY_LENGTH))
    return value;
  // The key itself is a secret.
  field.problems.push(
    `${found(field).name} is no write key: write the key as the endpoint shows it, up to ${MAX_KEY_LENGTH} ASCII letters, digits and signs without blanks`,
  );
  return undefined;
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
function found({ file, environment, key, variable: name }: Field): {
  readonly name: string;
  readonly value: unknown;
} {
  const value = variable(environment, name);
  if (value || key === undefined) return { name, value };
  const [section, inner] = key.split('.');
  const inFile = inner ? file.analytics[inner] : file.root[section ?? ''];
  return { name: `${key} in ${file.name}`, value: inFile };
}

/** A URL that is none, without the user and password that it may hold. */
function shown(value: string): string {
  return value.replace(/^(.*?\/\/)?.*@/s, '$1…@').slice(0, 100);
}
