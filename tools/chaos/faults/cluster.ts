import { KINDS, type Kind } from '../../../src/event.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { type Cut, stamp } from '../evidence.ts';
import type { Scene } from '../scene.ts';
import type { Step } from '../schedule.ts';
import { type Fault, type Mend, passes } from './fault.ts';

const LANES = ['control plane'] as const;
const PLURALS = { API: 'apis', StaticRoute: 'staticroutes', EnvoyFleet: 'envoyfleets' };

/** Does it as a cut of history. A cut is noted before it is over: what comes of it may come at once. */
async function cutting(scene: Scene, options: CutOptions): Promise<void> {
  const from = stamp(Date.now);
  await options.act();
  const { why, kind } = options;
  scene.deeds.cuts.push({ from, to: stamp(Date.now), why, ...(kind && { kind }) });
}

interface CutOptions extends Pick<Cut, 'why' | 'kind'> {
  readonly act: () => Promise<unknown>;
}

/** A restarted API server remembers no event of before, so that it is a cut also without compaction. */
function erasing(act: (scene: Scene) => Promise<unknown>): Fault['inject'] {
  return async (scene) => {
    await cutting(scene, { why: 'the history was erased', act: () => act(scene) });
    return passes;
  };
}

async function restartEtcd({ lab }: Scene): Promise<Mend> {
  await lab.cp.restartEtcd();
  return passes;
}

async function deleteCrd(scene: Scene, { choice }: Step): Promise<Mend> {
  const kind: Kind = KINDS[Math.floor(choice * KINDS.length)] ?? 'API';
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${PLURALS[kind]}.gateway.kusk.io`;
  const { client, served, installCrds } = scene.lab;
  const act = () =>
    eventually(async () => {
      const { status } = await client.send('DELETE', path);
      const gone = status === 404 || (await client.send('GET', path)).status === 404;
      if (!gone) throw new Error(`the CRD is still there: ${status}`);
      await served(PLURALS[kind], false);
    });
  await cutting(scene, { why: 'the CRD was deleted', kind, act });
  return () => eventually(installCrds);
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
  { name: 'etcd restarted', lanes: LANES, weight: 1, lastsMs: [0, 500], inject: restartEtcd },
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
    name: 'CRD deleted and created again',
    lanes: LANES,
    weight: 1,
    lastsMs: [500, 4_000],
    inject: deleteCrd,
  },
];
