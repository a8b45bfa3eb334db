import { parseArgs } from 'node:util';
import { FlagError } from './flag-error.ts';
import { addressIn, isLoopback } from './listen-address.ts';

/** All that the receiver is told from outside. */
export interface CollectorConfig {
  readonly host: string;
  readonly port: number;
  /** A file, or `:memory:`. */
  readonly database: string;
  readonly writeKeys: readonly string[];
  readonly readKey: string | undefined;
  readonly maxPerSecond: number;
}

export interface FlagOptions {
  /** The process's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const FLAGS = {
  listen: { type: 'string', default: '127.0.0.1:8090' },
  database: { type: 'string', default: './kusk-collector.db' },
  'write-key': { type: 'string', multiple: true },
  'read-key': { type: 'string' },
  'max-requests': { type: 'string', default: '1000' },
  help: { type: 'boolean', default: false },
  version: { type: 'boolean', default: false },
} as const;

/**
 * Reads the command line, without the program's own name, and the environment.
 *
 * Gives what to print for `--help` and `--version`. Throws a `FlagError` for what is wrong.
 */
export function parseFlags(
  args: readonly string[],
  { env }: FlagOptions,
): 'help' | 'version' | CollectorConfig {
  const { values } = parsed(args);
  if (values.help) return 'help';
  if (values.version) return 'version';
  const { host, port } = addressIn(values.listen);
  const readKey = readKeyIn(values['read-key'] ?? env.COLLECTOR_READ_KEY, { host });
  const writeKeys = writeKeysIn([
    ...(values['write-key'] ?? []),
    ...(env.COLLECTOR_WRITE_KEY?.split(',') ?? []),
  ]);
  const maxPerSecond = rateIn(values['max-requests']);
  return Object.freeze({ host, port, database: values.database, writeKeys, readKey, maxPerSecond });
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true });
  } catch (error) {
    throw new FlagError(`${(error as Error).message}\nSee kusk-collector --help.`, {
      cause: error,
    });
  }
}

function writeKeysIn(texts: readonly string[]): readonly string[] {
  const keys = texts.map((text) => text.trim()).filter((text) => text !== '');
  if (keys.length === 0) throw new FlagError('Give --write-key KEY or set COLLECTOR_WRITE_KEY.');
  for (const key of keys) assertKey(key, { flag: '--write-key' });
  return keys;
}

function readKeyIn(text = '', { host }: { readonly host: string }): string | undefined {
  const key = text.trim();
  if (key !== '') assertKey(key, { flag: '--read-key' });
  if (key !== '' || isLoopback(host)) return key || undefined;
  throw new FlagError('--listen lets other machines read the numbers: add --read-key KEY.');
}

/** A colon would end it in Basic authentication. The key itself is not said: it is a secret. */
function assertKey(key: string, { flag }: { readonly flag: string }): void {
  if (/^[!-~]+$/.test(key) && !/[:,]/.test(key)) return;
  throw new FlagError(`${flag} must be printable ASCII without blanks, commas and colons.`);
}

function rateIn(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new FlagError(`--max-requests must be a whole number above 0, not "${text}".`);
}
