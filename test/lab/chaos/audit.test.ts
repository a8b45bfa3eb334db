import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { readAudit } from '../../../lab/chaos/audit.ts';
import { withRemoval } from '../../../lab/chaos/gather.ts';

const CRD = { resource: 'customresourcedefinitions', name: 'envoyfleets.gateway.kusk.io' };
const FLEET = { resource: 'envoyfleets' };

interface Noted {
  readonly verb: string;
  readonly objectRef: object;
  readonly responseObject?: object;
  /** The line, counted from 0, before which it was asked for; its own where absent. */
  readonly askedBefore?: number;
}

function created(objectRef: object, resourceVersion: number, uid = 'any'): Noted {
  const metadata = { uid, resourceVersion: String(resourceVersion) };
  return { verb: 'create', objectRef, responseObject: { metadata } };
}

function deleted(objectRef: object, uid?: string, more: Partial<Noted> = {}): Noted {
  const responseObject = uid === undefined ? {} : { details: { uid } };
  return { verb: 'delete', objectRef, responseObject, ...more };
}

const at = (seconds: number) => `2026-11-24T14:38:${seconds.toFixed(6).padStart(9, '0')}Z`;

/** Reads what the API server has noted, a line a second. */
async function recordOf(t: TestContext, noted: readonly Noted[]) {
  const folder = await mkdtemp(join(tmpdir(), 'kusk-audit-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'audit.log');
  const lines = noted.map(({ askedBefore, ...event }, second) =>
    JSON.stringify({
      ...event,
      user: { username: 'admin' },
      responseStatus: { code: 200 },
      requestReceivedTimestamp: at((askedBefore ?? second) - 0.1),
      stageTimestamp: at(second),
    }),
  );
  await writeFile(file, `${lines.join('\n')}\n{"half":`);
  return await readAudit(file);
}

async function removals(t: TestContext, noted: readonly Noted[]) {
  // One line before them, so that no time is negative.
  const audit = await recordOf(t, [created({ resource: 'apis' }, 100), ...noted]);
  const made = audit.creations.map((one) =>
    withRemoval(one, { audit, clusterId: 'cluster', restores: [] }),
  );
  return new Map(
    made.map(({ uid, removedAfter, withCrd }) => [
      uid,
      removedAfter === undefined ? 'stays' : { removedAfter, withCrd: withCrd === true },
    ]),
  );
}

describe('the record of what a chaos run has done', () => {
  it('has what was created while its CRD was being deleted as removed with it', async (t) => {
    const removed = await removals(t, [
      created(CRD, 101),
      created(FLEET, 110, 'before'),
      deleted(CRD),
      created(FLEET, 115, 'meanwhile'),
      created(CRD, 200),
      created(FLEET, 210, 'later'),
    ]);
    assert.deepEqual(removed.get('before'), { removedAfter: 110, withCrd: true });
    assert.deepEqual(removed.get('meanwhile'), { removedAfter: 115, withCrd: true });
    assert.equal(removed.get('later'), 'stays');
  });

  it('has what was deleted before its CRD as deleted by itself', async (t) => {
    const removed = await removals(t, [
      created(FLEET, 110, 'a'),
      deleted(FLEET, 'a'),
      created({ resource: 'apis' }, 120, 'of another kind'),
      deleted(CRD),
      created(CRD, 200),
    ]);
    assert.deepEqual(removed.get('a'), { removedAfter: 110, withCrd: false });
    assert.equal(removed.get('of another kind'), 'stays');
  });

  it('has each of several deletions of a CRD', async (t) => {
    const removed = await removals(t, [
      created(FLEET, 110, 'first'),
      deleted(CRD),
      deleted(CRD),
      created(CRD, 200),
      created(FLEET, 210, 'second'),
      deleted(CRD),
      created(CRD, 300),
    ]);
    assert.deepEqual(removed.get('first'), { removedAfter: 110, withCrd: true });
    assert.deepEqual(removed.get('second'), { removedAfter: 210, withCrd: true });
  });

  it('does not take a late response to a deletion for a late deletion', async (t) => {
    const removed = await removals(t, [
      created(FLEET, 110, 'a'),
      created(FLEET, 120, 'b'),
      created(FLEET, 130, 'c'),
      deleted(FLEET, 'a', { askedBefore: 3 }),
    ]);
    assert.deepEqual(removed.get('a'), { removedAfter: 120, withCrd: false });
  });
});
