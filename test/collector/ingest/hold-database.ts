/** Locks a database file as a writer does, until standard input ends. Arguments: `FILE`. */

import { DatabaseSync } from 'node:sqlite';

const database = new DatabaseSync(process.argv[2] ?? '');
database.exec('PRAGMA busy_timeout = 10000; BEGIN EXCLUSIVE');
process.stdout.write('held\n');
process.stdin.resume().once('end', () => {
  database.exec('ROLLBACK');
  database.close();
});
