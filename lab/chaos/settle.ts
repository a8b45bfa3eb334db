import { parseLedger } from '../../src/record/ledger-json.ts';
import { eventually } from '../support/eventually.ts';
import { expectedMessageId } from '../support/expected.ts';
import type { Scene } from './scene.ts';
import type { Users } from './users.ts';

/** Nothing is broken any more; the longest pause of an operator is a minute. */
const PATIENCE = { withinMs: 150_000, everyMs: 500 };
/** How long one try may take: where consent begins with a list after it, the next try is told. */
const TRY = { withinMs: 15_000, everyMs: 250 };

/**
 * Waits until what is created now is told, so that the watches have passed all that was before, and
 * until nothing is pending. Rejects with what is amiss, if that takes too long.
 */
export async function rest({ collector, lab, ledger }: Scene, users: Users): Promise<void> {
  async function knock(): Promise<void> {
    const ids = (await users.createOfEach()).map((one) => expectedMessageId(lab.clusterId, one));
    await eventually(() => {
      const stored = new Set(collector.stored().map(({ messageId }) => messageId));
      if (!ids.every((id) => stored.has(id))) throw new Error('what is created now is not told');
    }, TRY);
  }

  async function nothingPending(): Promise<void> {
    const { data } = (await ledger.map()) ?? {};
    const reading = parseLedger(data?.['ledger.json'] ?? '');
    if (reading.found !== 'ledger') throw new Error('the ledger can not be read');
    const { length } = reading.ledger.pending;
    if (length > 0) throw new Error(`${length} are pending`);
  }

  await eventually(knock, PATIENCE);
  await eventually(nothingPending, PATIENCE);
}

/** Waits until nothing is outstanding. Returns what still was at the end. */
export async function stallOf(scene: Scene, users: Users): Promise<string | undefined> {
  return await rest(scene, users).then(
    () => undefined,
    (error: Error) => error.message,
  );
}

/** The same, and ends the operators: the verdict says more. */
export async function settle(scene: Scene, users: Users): Promise<string | undefined> {
  try {
    return await stallOf(scene, users);
  } finally {
    await Promise.all(scene.replicas.map((replica) => replica.end('SIGTERM')));
  }
}
