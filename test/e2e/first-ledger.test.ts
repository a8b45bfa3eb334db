import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../../lab/support/eventually.ts';
import { history } from '../../lab/support/history.ts';
import { type Lab, startLab } from '../../lab/support/lab.ts';
import { metric } from '../../lab/support/metrics.ts';
import type { Creation } from '../../lab/support/resources.ts';
import { LEDGER, type Site } from '../../lab/support/site.ts';
import { startOfSecond } from '../../lab/support/start-of-second.ts';
import { KINDS } from '../../src/event.ts';

/** What surrounds the moment at which the ledger was made. */
interface Moment {
  /** Created before it: never to be sent. */
  readonly old: readonly Creation[];
  /** The old one that was changed after it. */
  readonly changed: Creation;
  /** When the ledger was made. */
  readonly since: string;
  /** Created after it, and still there. */
  readonly kept: readonly Creation[];
  /** Created and deleted after it. */
  readonly gone: readonly Creation[];
}

/** What the operator is to send. */
interface Expected {
  readonly told: readonly Creation[];
  /** What it may send. */
  readonly either?: readonly Creation[];
  /** How many of its watches get a 410. */
  readonly expired?: number;
}

describe('the moment at which consent begins', () => {
  let lab: Lab;
  before(async () => {
    lab = await startLab({ namespaces: ['north', 'south'] });
  });
  after(() => lab.close());

  /** Makes the ledger as the chart does, with resources before it and after it. */
  async function around(site: Site): Promise<Moment> {
    const { users } = lab;
    const changed = await create();
    const replaced = await create();
    const old = [changed, replaced, ...(await users.createAll(lab.fresh(3)))];
    const { metadata } = await site.makeLedger();
    const updated = await create();
    const first = await create();
    const second = await users.recreate(first);
    const replacement = await users.recreate(replaced);
    const kept = [updated, replacement, ...(await users.createAll(lab.fresh(3)))];
    await users.remove(second);
    for (let round = 0; round < 5; round += 1) {
      await users.update(updated, round);
      await users.update(changed, round);
    }
    return { old, changed, since: metadata.creationTimestamp, kept, gone: [first, second] };
  }

  /** As `around`, in namespaces of their own until all of it has happened in one second. */
  async function withinOneSecond(namespace: string): Promise<Moment & { readonly site: Site }> {
    for (let attempt = 1; ; attempt += 1) {
      const site = await lab.site(`${namespace}-${attempt}`);
      await startOfSecond();
      const moment = await around(site);
      const all = [...moment.old, ...moment.kept, ...moment.gone];
      if (all.every(({ timestamp }) => timestamp === moment.since)) return { ...moment, site };
      await site[Symbol.asyncDispose]();
    }
  }

  it('is when the chart makes the ledger, not when the operator starts', async () => {
    await using site = await lab.site('by-chart');
    const { kept, gone } = await around(site);
    const later = await lab.users.createAll(lab.fresh(3));
    await tellsExactly(site, { told: [...kept, ...gone, ...later] });
  });

  it('divides the resources of one second', async () => {
    const { site, kept, gone } = await withinOneSecond('one-second');
    await using _ = site;
    await tellsExactly(site, { told: [...kept, ...gone] });
  });

  it('divides them also where the API server has forgotten what came first', async () => {
    const { site, changed, kept } = await withinOneSecond('forgotten');
    await using _ = site;
    await lab.cp.expireWatches();
    // A list does not say whether what has changed since then was created before it or after.
    await tellsExactly(site, { told: kept, either: [changed], expired: KINDS.length });
  });

  it('is when the operator makes the ledger, whatever users create meanwhile', async () => {
    await using site = await lab.site('by-operator');
    const { client, users } = lab;
    const path = `/api/v1/namespaces/${site.namespace}/configmaps`;
    const ledgers = await history({ client, path, name: LEDGER });
    const operator = await site.start();
    let afterwards = 0;
    while (afterwards < 10) {
      const creation = await create();
      await users.update(creation, 0);
      if (ledgers.length > 0) afterwards += 1;
    }
    await operator.stop();
    const [ledger] = ledgers;
    assert.ok(ledger);
    const { resourceVersion } = ledger.metadata;
    const told = users.created.filter(
      (one) => Number(one.resourceVersion) > Number(resourceVersion),
    );
    assert.ok(told.length > 0 && told.length < users.created.length);
    await tellsExactly(site, { told });
  });

  /** Starts the operator, and asserts that it sends these and what is created now, each once. */
  async function tellsExactly(site: Site, options: Expected): Promise<void> {
    const { told, either = [], expired = 0 } = options;
    const operator = await site.start();
    await operator.ready();
    await eventually(async () => {
      assert.equal(await metric(operator, 'watch_restarts_total{reason="expired"}'), expired);
    });
    const { repeats } = await lab.settle(site, { operator, told, either });
    assert.equal(repeats, 0);
    await assertAsked(site, expired === 0);
  }

  /** Asserts that the API server could say what existed when consent began, or could not. */
  async function assertAsked(site: Site, could: boolean): Promise<void> {
    const { data } = await site.ledger();
    const { kinds } = JSON.parse(data?.['ledger.json'] ?? '');
    for (const kind of KINDS) assert.equal(kinds[kind].exact, could, kind);
  }

  async function create(): Promise<Creation> {
    const [creation] = await lab.users.createAll(lab.fresh(1));
    assert.ok(creation);
    return creation;
  }
});
