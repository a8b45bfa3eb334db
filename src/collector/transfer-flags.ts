import type { Environment } from '../runtime/environment.ts';
import { FlagError, flagValues } from './flag-values.ts';
import { type CollectorConfig, storesIn } from './flags.ts';

/** The settings of `kusk-collector export` and `kusk-collector import`. */
export interface TransferConfig extends Pick<CollectorConfig, 'database' | 'clickHouse'> {
  readonly command: 'export' | 'import';
  /** The `seq` of the last event that was exported before. Empty for all. */
  readonly after: string;
}

export const TRANSFER_FLAGS = {
  database: { type: 'string' },
  store: { type: 'string' },
  after: { type: 'string', default: '' },
  help: { type: 'boolean', default: false },
} as const;

export const TRANSFER_HELP = `Moves events from one store to another.

Usage: kusk-collector export [flags] | kusk-collector import [flags]

  --database FILE   SQLite file (default ./kusk-collector.db; also COLLECTOR_DATABASE)
  --store ADDRESS   ClickHouse instead: clickhouse://USER@HOST:8123/DATABASE (also COLLECTOR_STORE;
                    its password is in COLLECTOR_STORE_PASSWORD or COLLECTOR_STORE_PASSWORD_FILE)
  --after SEQ       export only events after this one
  --help            print this help

export prints one JSON object a line. import reads them, or an archive of Segment's track calls, and
stores each message once. After an interruption, run both again: what is stored already is skipped.
While a store is unavailable, both try again for five minutes. In bash, set -o pipefail lets a pipe fail
if export fails.
`;

/** Parses the arguments after `export` or `import`. Throws a `FlagError` that says what to write instead. */
export function parseTransferFlags(
  command: TransferConfig['command'],
  { args, env }: { readonly args: readonly string[]; readonly env: Environment },
): 'help' | TransferConfig {
  const { values } = flagValues(args, {
    flags: TRANSFER_FLAGS,
    command: 'kusk-collector export',
  });
  if (values.help) return 'help';
  if (command === 'import' && values.after !== '') {
    throw new FlagError('--after belongs to export: import skips what is stored already.');
  }
  return Object.freeze({
    command,
    ...storesIn(values, { env }),
    after: values.after === '0' ? '' : values.after,
  });
}
