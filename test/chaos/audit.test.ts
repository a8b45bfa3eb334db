import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { readAudit } from '../../tools/chaos/audit.ts';
import { withRemoval } from '../../tools/chaos/gather.ts';

const CRD = { resource: 'customresourcedefinitions', name: 'envoyfleets.gateway.kusk.io' };
const FLEET = { resource: 'envoyfleets' };

/** A line as the API server writes it, of what it has done. */
function line(verb: string, objectRef: object, responseObject: object = {}): string {
  const at = '2026-11-24T14:38:55.000000Z';
  const responseStatus = { code: verb === 'create' ? 201 : 200 };
  const times = { requestReceivedTimestamp: at, stageTimestamp: at };
  return JSON.stringify({
    ...{ verb, objectRef, responseStatus, responseObject, ...times },
    user: { username: 'admin' },
  });
}

const created = (objectRef: object, resourceVersion: number, uid = 'any') =>
  line('create', objectRef, { metadata: { uid, resourceVersion: String(resourceVersion) } });

async function setup(t: TestContext, lines: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'kusk-audit-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'audit.log');
  await writeFile(file, `${lines.join('\n')}\n`);
  const audit = await readAudit(file);
  const made = audit.creations.map((one) => withRemoval(one, { audit, clusterId: 'cluster' }));
  return new Map(
    made.map(({ uid, removedAfter, withCrd }) => [
      uid,
      { removedAfter, withCrd: withCrd === true },
    ]),
  );
}

describe('the record of what a chaos run has done', () => {
  it('has what was created while its CRD was being deleted as removed with it', async (t) => {
    const fates = await setup(t, [
      created(CRD, 100),
      created(FLEET, 110, 'before'),
      line('delete', CRD),
      created(FLEET, 115, 'meanwhile'),
      created(CRD, 200),
      created(FLEET, 210, 'later'),
    ]);
    assert.deepEqual(fates.get('before'), { removedAfter: 110, withCrd: true });
    assert.deepEqual(fates.get('meanwhile'), { removedAfter: 115, withCrd: true });
    assert.deepEqual(fates.get('later'), { removedAfter: undefined, withCrd: false });
  });

  it('has what was deleted before its CRD as deleted by itself', async (t) => {
    const fates = await setup(t, [
      created(FLEET, 110, 'a'),
      line('delete', FLEET, { details: { uid: 'a' } }),
      created({ resource: 'apis' }, 120, 'other kind'),
      line('delete', CRD),
      created(CRD, 200),
    ]);
    assert.deepEqual(fates.get('a'), { removedAfter: 110, withCrd: false });
    assert.deepEqual(fates.get('other kind'), { removedAfter: undefined, withCrd: false });
  });

  it('has each of several deletions of a CRD', async (t) => {
    const fates = await setup(t, [
      created(FLEET, 110, 'first'),
      line('delete', CRD),
      line('delete', CRD),
      created(CRD, 200),
      created(FLEET, 210, 'second'),
      line('delete', CRD),
      created(CRD, 300),
    ]);
    assert.deepEqual(fates.get('first'), { removedAfter: 110, withCrd: true });
    assert.deepEqual(fates.get('second'), { removedAfter: 210, withCrd: true });
  });
});
