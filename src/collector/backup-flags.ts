import type { Environment } from '../runtime/environment.ts';
import { FlagError, flagValues } from './flag-values.ts';
import { databaseIn } from './flags.ts';

/** The settings of `kusk-collector backup`. */
export interface BackupConfig {
  readonly command: 'backup';
  readonly database: string;
  readonly into: string;
  readonly keep: number;
}

export const BACKUP_HELP = `Writes a copy of the collector's database, also while the collector runs.

Usage: kusk-collector backup PATH [flags]

PATH is a new file, or a folder: there, the name of the file has the time.
A folder that does not exist is created if PATH ends with a slash.

  --database FILE   the database (default ./kusk-collector.db), also
                    COLLECTOR_DATABASE
  --keep N          how many copies stay in the folder (default 7), which needs
                    space for one more
  --help            print this help

Prints the path of the copy. To restore it, stop the collector, delete FILE,
FILE-wal and FILE-shm, and copy the copy to FILE.
`;

export const BACKUP_FLAGS = {
  database: { type: 'string' },
  keep: { type: 'string', default: '7' },
  help: { type: 'boolean', default: false },
} as const;

/** Parses the arguments after `backup`. Throws a `FlagError` that says what to write instead. */
export function parseBackupFlags(
  args: readonly string[],
  { env }: { readonly env: Environment },
): 'help' | BackupConfig {
  const { values, positionals } = flagValues(args, {
    flags: BACKUP_FLAGS,
    command: 'kusk-collector backup',
    allowPositionals: true,
  });
  if (values.help) return 'help';
  const [into, ...more] = positionals;
  if (into === undefined || into === '' || more.length > 0) {
    throw new FlagError(
      'Name one file or folder to write to, as in: kusk-collector backup copy.db',
    );
  }
  if (!/^[1-9]\d{0,5}$/.test(values.keep)) {
    throw new FlagError(`--keep must be a whole number above 0, not "${values.keep}".`);
  }
  const database = databaseIn(values, { env });
  return Object.freeze({ command: 'backup', database, into, keep: Number(values.keep) });
}
