import { parseEndpoint, parseWriteKey } from '../../deliver/endpoint-settings.ts';
import { trimmed } from '../../runtime/trim.ts';
import { type Address, parseAddress } from '../observability/address.ts';

/** All invalid values of the configuration, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** The value of one setting, as found in the environment or in the file. */
export interface Found {
  /** Where it stands, for error texts: `LOG_LEVEL`, or `logLevel in /etc/kusk/config.yaml`. */
  readonly name: string;
  /** `undefined` or `null` if it is not set. */
  readonly value: unknown;
}

/** Reads the value of a setting. Throws a `ConfigError` that says what to write instead. */
export interface Reader<Value> {
  /** The default, as a user would write it. */
  readonly fallback?: string;
  readonly read: (found: Found) => Value;
}

/** A text, or `undefined` if it is not set or empty. */
export const text: Reader<string | undefined> = { read: textOf };

/** A key that fits into a header, or `undefined` if it is not set or empty. */
export const writeKey: Reader<string | undefined> = {
  read: (found) => orConfigError(() => parseWriteKey({ name: found.name, value: textOf(found) })),
};

/** An http or https URL. */
export function url(fallback: string): Reader<URL> {
  return {
    fallback,
    read: (found) =>
      orConfigError(() => parseEndpoint({ name: found.name, value: textOf(found) }, fallback)),
  };
}

/** One of a few words. Case does not matter. */
export function choice<const Word extends string>(
  allowed: readonly Word[],
  fallback: NoInfer<Word>,
): Reader<Word> {
  return {
    fallback,
    read(found) {
      const value = textOf(found)?.toLowerCase() ?? fallback;
      const word = allowed.find((candidate) => candidate === value);
      if (word !== undefined) return word;
      throw new ConfigError([`${found.name} is "${value}": write one of ${allowed.join(', ')}`]);
    },
  };
}

/**
 * A boolean.
 *
 * @see https://pkg.go.dev/strconv#ParseBool for the spellings
 */
export function flag(fallback: boolean): Reader<boolean> {
  return {
    fallback: String(fallback),
    read(found) {
      const value = textOf(found)?.toLowerCase();
      if (value === undefined) return fallback;
      if (['true', 't', '1'].includes(value)) return true;
      if (['false', 'f', '0'].includes(value)) return false;
      throw new ConfigError([`${found.name} is "${value}": write true or false`]);
    },
  };
}

/** An address to listen on, or `'none'` for no server. */
export function address(fallback: string): Reader<Address | 'none'> {
  return {
    fallback,
    read(found) {
      const value = textOf(found) ?? fallback;
      const parsed = parseAddress(value);
      if (parsed !== undefined) return parsed;
      throw new ConfigError([
        `${found.name} is "${value}": write HOST:PORT or :PORT, such as ${fallback}, or 0 for none`,
      ]);
    },
  };
}

/** Returns the text without surrounding blanks and quotes, or `undefined` if it is not set or empty. */
function textOf({ name, value }: Found): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return trimmed(value) || undefined;
  throw new ConfigError([`${name} is of type ${typeof value}: write a text in quotes`]);
}

/** Returns what `parse` returns, or throws its error as a `ConfigError`. */
function orConfigError<Value>(parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([(error as Error).message]);
  }
}
