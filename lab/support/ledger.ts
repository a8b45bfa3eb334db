import type { KubeClient, KubeObject } from './kube-client.ts';
import { LEDGER } from './site.ts';

const KEY = 'ledger.json';

/** Reads and edits the ledger of one installation, as an admin who has not seen its format. */
export interface LedgerAccess {
  /** The whole ConfigMap; `undefined` if there is none. */
  readonly map: () => Promise<KubeObject | undefined>;
  /** The JSON that was written; `undefined` if none was. */
  readonly content: () => Promise<LedgerContent | undefined>;
  /** Writes a text, over what there is or into a new ConfigMap. */
  readonly put: (text: string) => Promise<void>;
  /** Changes the ConfigMap by a merge patch. */
  readonly patch: (change: object) => Promise<void>;
  readonly remove: () => Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: a test asserts what it finds.
export type LedgerContent = Record<string, any>;

/** Returns how many events are pending in a ledger; 0 if there is none. */
export function pendingIn(content: LedgerContent | undefined): number {
  return Object.values(content?.pending ?? {}).flat().length;
}

export function ledgerAccess(client: KubeClient, namespace: string): LedgerAccess {
  const maps = `/api/v1/namespaces/${namespace}/configmaps`;
  const one = `${maps}/${LEDGER}`;

  async function map(): Promise<KubeObject | undefined> {
    const { status, object } = await client.send('GET', one);
    return status === 200 ? object : undefined;
  }

  async function patch(change: object): Promise<void> {
    await client.must('PATCH', one, change);
  }

  return {
    map,
    patch,
    async content() {
      const text = (await map())?.data?.[KEY];
      return text === undefined ? undefined : (JSON.parse(text) as LedgerContent);
    },
    async put(text) {
      if (await map()) return await patch({ data: { [KEY]: text } });
      await client.must('POST', maps, { metadata: { name: LEDGER }, data: { [KEY]: text } });
    },
    async remove() {
      await client.must('DELETE', one);
    },
  };
}
