import type { Environment } from '../runtime/environment.ts';
import type { Time } from '../runtime/time.ts';
import { exportEvents } from './export-events.ts';
import { type Imported, importEvents } from './import-events.ts';
import { openStore } from './open-store.ts';
import { retryUnavailable } from './retry-unavailable.ts';
import {
  type ArrivedEvent,
  type Page,
  PlaceError,
  type Store,
  StoreError,
  StoreUnavailable,
} from './store/store.ts';
import type { TransferConfig } from './transfer-flags.ts';

export interface TransferOptions {
  /** Returns what is imported. Called only for an import. */
  readonly lines: () => AsyncIterable<string>;
  /** Writes what is exported. Rejects if its reader has ended. */
  readonly write: (text: string) => Promise<void>;
  /** Writes what became of the events, and what goes wrong on the way. */
  readonly note: (text: string) => void;
  readonly time: Pick<Time, 'now' | 'steady' | 'wait' | 'after'>;
  readonly env: Environment;
  readonly signal: AbortSignal;
}

/**
 * Runs `kusk-collector export` or `import`.
 *
 * Resolves with whether `--after` was right. Rejects with a `StoreError` if the store can't be used, or
 * if the last line of an import is cut or none of its lines is a JSON object.
 */
export async function transfer(config: TransferConfig, options: TransferOptions): Promise<boolean> {
  const { note, time, env, signal } = options;
  const line = (fields: object, message: string) => note(`${lineOf(message, fields)}\n`);
  const log = { info: line, warn: line };
  const onRetry = (error: StoreUnavailable) =>
    note(`${reasonOf(error)}: trying again for five minutes\n`);
  const retry = <T>(task: () => Promise<T>) => retryUnavailable(task, { time, signal, onRetry });
  const mustExist = config.command === 'export';
  const store = await retry(() => openStore(config, { log, time, env, mustExist }));
  try {
    const patient = {
      events: (page: Page) => retry(() => store.events(page)),
      importEvents: (events: readonly ArrivedEvent[]) => retry(() => store.importEvents(events)),
    };
    if (config.command === 'export') await exportFrom(patient, { ...options, after: config.after });
    else await importInto(patient, options);
    return true;
  } catch (error) {
    if (error instanceof StoreUnavailable) throw new StoreError(reasonOf(error), { cause: error });
    if (!(error instanceof PlaceError)) throw error;
    note(`kusk-collector: --after ${config.after}: ${error.message}\n`);
    return false;
  } finally {
    await store.close();
  }
}

async function exportFrom(
  store: Pick<Store, 'events'>,
  { after, write, note }: TransferOptions & Pick<TransferConfig, 'after'>,
): Promise<void> {
  const count = await exportEvents(store, { after, write });
  note(`${count} events exported\n`);
}

async function importInto(
  store: Pick<Store, 'importEvents'>,
  { lines, note, time }: TransferOptions,
): Promise<void> {
  const imported = await importEvents(store, { lines: lines(), now: time.now() });
  const { stored, repeats, refused, isCut } = imported;
  const reasons = [...refused].map(([reason, count]) => `, ${count} refused (${reason})`).join('');
  note(`${stored} events stored, ${repeats} stored before${reasons}\n`);
  if (isCut) throw new StoreError('The last line is cut: run the export and this import again.');
  if (stored + repeats === 0 && isOtherFormat(refused)) {
    throw new StoreError('No line is a JSON object: import reads one a line.');
  }
}

/** Whether what was refused is no archive of Segment's, which can be one without any event of ours. */
function isOtherFormat(refused: Imported['refused']): boolean {
  const isObject = (reason: string) => reason !== 'not-json' && reason !== 'not-an-object';
  return refused.size > 0 && ![...refused.keys()].some(isObject);
}

/** The message of what failed inside. */
function reasonOf({ message, cause }: StoreUnavailable): string {
  return cause instanceof Error && !message.includes(cause.message)
    ? `${message} (${cause.message})`
    : message;
}

function lineOf(message: string, fields: object): string {
  const texts = Object.entries(fields).map(([name, value]) =>
    value instanceof Error ? value.message : `${name}=${value}`,
  );
  return [message, ...texts].join(' ');
}
