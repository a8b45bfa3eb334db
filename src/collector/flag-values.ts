import { type ParseArgsConfig, parseArgs } from 'node:util';

/** A wrong command line. The message says what to write instead. */
export class FlagError extends Error {
  override readonly name = 'FlagError';
}

export interface FlagValuesOptions<Flags extends ParseArgsConfig['options']> {
  readonly flags: Flags;
  /** What is typed before the flags, as in `kusk-collector export`. */
  readonly command: string;
  /** Whether there may be other arguments than flags. */
  readonly allowPositionals?: boolean;
}

/** Parses arguments. Throws a `FlagError` for an unknown flag, and for one whose value is empty. */
export function flagValues<const Flags extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  { flags, command, allowPositionals = false }: FlagValuesOptions<Flags>,
) {
  try {
    const parsed = parseArgs({
      args: [...args],
      options: flags,
      allowPositionals,
      strict: true,
      tokens: true,
    });
    assertValues(parsed.tokens);
    return parsed;
  } catch (error) {
    throw new FlagError(`${(error as Error).message}\nSee ${command} --help.`, { cause: error });
  }
}

interface Token {
  readonly kind: string;
  readonly rawName?: string;
  readonly value?: string | undefined;
}

/** An empty value is mostly a variable that is not set. Without an error, what it was to say would be ignored. */
function assertValues(tokens: readonly Token[]): void {
  for (const { rawName, value } of tokens) {
    if (rawName !== undefined && value?.trim() === '') throw new Error(`${rawName} has no value.`);
  }
}
