import type { Time } from '../runtime/time.ts';
import type { Log } from './app.ts';

export interface LogMigrationOptions {
  readonly log: Pick<Log, 'info'>;
  readonly time: Pick<Time, 'steady'>;
}

const EVERY_MS = 5_000;

/** Returns a function that logs how far a migration is, at most once in five seconds. */
export function logMigration({ log, time }: LogMigrationOptions) {
  let loggedAt = time.steady();
  return function onProgress(progress: { readonly done: number; readonly total: number }): void {
    if (time.steady() - loggedAt < EVERY_MS) return;
    loggedAt = time.steady();
    log.info(progress, 'migrating the database: this happens once');
  };
}
