import { eventually } from '../support/eventually.ts';
import { inParallel } from '../support/in-parallel.ts';
import type { Lab } from '../support/lab.ts';
import { type Creation, PLURALS, type ResourceName } from '../support/resources.ts';
import { dice } from '../support/seeded-random.ts';
import { stamp } from './evidence.ts';

/** A deletion that was done by a try of which no answer came, so that the audit log may not have it. */
export interface UnseenRemoval {
  readonly uid: string;
  /** When it was asked for first, as the audit log writes moments. */
  readonly askedAt: string;
}

/** People who create resources, change them, delete them and create them again. */
export interface Users {
  /** How many creations there were. */
  readonly count: () => number;
  /** Some more creations, at most so many, and what else comes to people's minds. Rides out any fault. */
  readonly act: (creations: number) => Promise<void>;
  readonly unseenRemovals: readonly UnseenRemoval[];
  /** One of each kind, which stays. */
  readonly createOfEach: () => Promise<readonly Creation[]>;
}

/** What is deleted late is the oldest of so many: mostly it has been told. */
const STOCK = 300;
/** From so many on, the oldest is deleted and created again. */
const REPLACED = 40;

export function usersOf(lab: Lab, { seed }: { readonly seed: number }): Users {
  const { users, client, fresh } = lab;
  const roll = dice(seed);
  const stock: ResourceName[] = [];
  const unseenRemovals: UnseenRemoval[] = [];

  async function remove(resource: ResourceName): Promise<void> {
    const { kind, namespace, name } = resource;
    const path = `/apis/gateway.kusk.io/v1alpha1/namespaces/${namespace}/${PLURALS[kind]}/${name}`;
    const askedAt = stamp(Date.now);
    const status = await eventually(async () => {
      const { status } = await client.send('DELETE', path);
      if (status !== 200 && status !== 404) throw new Error(`deletion answered ${status}`);
      return status;
    });
    // Gone with its CRD, or by an earlier try whose answer was lost.
    if (status === 404) unseenRemovals.push({ uid: uidOf(resource), askedAt });
  }

  /** Of the one that was created last under a name. */
  function uidOf({ kind, namespace, name }: ResourceName): string {
    const last = users.created.findLast(
      (one) => one.name === name && one.kind === kind && one.namespace === namespace,
    );
    return last?.uid ?? '';
  }

  /** Whether an update gets through changes nothing. */
  const update = (name: ResourceName, round: number) =>
    users.update(name, round).catch(() => undefined);

  async function live(name: ResourceName, fortune: number): Promise<void> {
    await users.createSurely(name);
    if (fortune < 0.1) return await remove(name);
    if (fortune < 0.6) await update(name, Math.floor(fortune * 100));
    stock.push(name);
    if (fortune < 0.5) return;
    const old = stock.length > STOCK ? stock.shift() : undefined;
    if (old) await remove(old);
  }

  async function recreate(): Promise<void> {
    const old = stock.shift();
    if (!old) return;
    await remove(old);
    await users.createSurely(old);
    stock.push(old);
  }

  return {
    unseenRemovals,
    count: () => users.created.length,
    async act(creations) {
      const again = stock.length > REPLACED && creations > 1 ? 1 : 0;
      const names = fresh(creations - again).map((name) => ({ name, fortune: roll() }));
      await Promise.all([
        inParallel(names, ({ name, fortune }) => live(name, fortune)),
        again === 1 ? recreate() : undefined,
      ]);
    },
    createOfEach: () => inParallel(fresh(3), users.createSurely),
  };
}
