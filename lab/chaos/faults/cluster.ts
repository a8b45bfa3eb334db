import { setTimeout as pause } from 'node:timers/promises';
import { KINDS, type Kind } from '../../../src/event.ts';
import { eventually } from '../../support/eventually.ts';
import { PLURALS } from '../../support/resources.ts';
import { epochAt, stamp } from '../evidence.ts';
import type { Scene } from '../scene.ts';
import type { Step } from '../schedule.ts';
import { type Fault, type Mend, passes } from './fault.ts';

const LANES = ['control plane'] as const;
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** An API server fills the memory of its watches when it is first asked, and within this time. */
const FILLED_MS = 1_000;

/** The `resourceVersion` of now, with all watches' memories filled. */
async function revision(scene: Scene): Promise<number> {
  for (const plural of Object.values(PLURALS)) await scene.lab.served(plural);
  await pause(FILLED_MS);
  return await currentRevision(scene);
}

async function currentRevision({ lab, deeds }: Scene): Promise<number> {
  return await eventually(async () => {
    const { metadata } = await lab.client.must('GET', '/api/v1/namespaces');
    return Number(metadata.resourceVersion) + epochAt(stamp(Date.now), deeds.restores);
  });
}

/** An API server that is restarted, or whose etcd is, remembers no event of before. */
function erasing(act: (scene: Scene) => Promise<unknown>): Fault['inject'] {
  return async (scene) => {
    const from = stamp(Date.now);
    await act(scene);
    const upTo = await revision(scene);
    scene.deeds.cuts.push({ why: 'the history was erased', from, upTo });
    return passes;
  };
}

/**
 * etcd is put back to a backup that is as old as the fault lasts: resourceVersions go backwards, what was
 * created meanwhile is gone, what was deleted is there again under its UID.
 */
async function restore(scene: Scene): Promise<Mend> {
  const { lab, deeds } = scene;
  const backedUp = await currentRevision(scene);
  const killed = stamp(Date.now);
  const backup = await lab.cp.backUpEtcd();
  deeds.cuts.push({ why: 'the history was erased', from: killed, upTo: await revision(scene) });
  return async () => {
    const from = stamp(Date.now);
    await lab.cp.stopApiServer();
    deeds.restores.push({ backedUp, at: stamp(Date.now) });
    await lab.cp.restoreEtcd(backup);
    deeds.cuts.push({ why: 'the history was erased', from, upTo: await revision(scene) });
  };
}

async function deleteCrd(scene: Scene, { choice }: Step): Promise<Mend> {
  const { lab, deeds } = scene;
  const kind: Kind = KINDS[Math.floor(choice * KINDS.length)] ?? 'API';
  const path = `${CRDS}/${PLURALS[kind]}.gateway.kusk.io`;
  const from = stamp(Date.now);
  await eventually(async () => {
    const { status } = await lab.client.send('DELETE', path);
    const isGone = status === 404 || (await lab.client.send('GET', path)).status === 404;
    if (!isGone) throw new Error(`the CRD is still there: ${status}`);
  });
  await lab.served(PLURALS[kind], false);
  return async () => {
    await eventually(lab.installCrds);
    const upTo = await revision(scene);
    deeds.cuts.push({ why: 'the CRD was deleted', kind, from, upTo });
  };
}

/** What becomes of the cluster itself. */
export const CLUSTER_FAULTS: readonly Fault[] = [
  {
    name: 'API server restarted',
    lanes: LANES,
    weight: 1,
    lastsMs: [0, 500],
    inject: erasing(({ lab }) => lab.cp.restartApiServer()),
  },
  {
    name: 'etcd restarted',
    lanes: LANES,
    weight: 1,
    lastsMs: [0, 500],
    inject: erasing(({ lab }) => lab.cp.restartEtcd()),
  },
  {
    name: 'history compacted and the API server restarted',
    lanes: LANES,
    weight: 1,
    lastsMs: [0, 500],
    inject: erasing(({ lab }) => lab.cp.expireWatches()),
  },
  {
    name: 'history compacted while all goes on',
    lanes: LANES,
    weight: 1,
    lastsMs: [0, 500],
    inject: erasing(({ lab }) => lab.cp.compact()),
  },
  {
    alone: true,
    fromRest: true,
    name: 'etcd restored from a backup',
    lanes: LANES,
    weight: 1,
    lastsMs: [1_000, 5_000],
    inject: restore,
  },
  {
    name: 'CRD deleted and created again',
    lanes: LANES,
    weight: 1,
    lastsMs: [500, 4_000],
    inject: deleteCrd,
  },
];
