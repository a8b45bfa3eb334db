import { after, before, describe } from 'node:test';
import { type ControlPlane, startControlPlane } from '../../lab/control-plane/start.ts';
import { appliedSuite } from './applied.ts';
import { describedSuite } from './described.ts';
import { installCrds, type Lab } from './lab.ts';
import { CRDS } from './manifests.ts';
import { neighbourSuite } from './neighbour.ts';
import { refusedSuite } from './refused.ts';
import { rightsSuite } from './rights.ts';
import { shownSuite } from './shown.ts';
import { statusSuite } from './status.ts';

describe('deploy/, on a real API server', () => {
  let controlPlane: ControlPlane | undefined;
  const lab: Lab = () => {
    if (controlPlane === undefined) throw new Error('The control plane has not been started.');
    return controlPlane;
  };

  before(async () => {
    controlPlane = await startControlPlane({ rights: null });
    await installCrds(lab, CRDS);
  });
  after(() => controlPlane?.close());

  appliedSuite(lab);
  refusedSuite(lab);
  describedSuite(lab);
  shownSuite(lab);
  statusSuite(lab);
  rightsSuite(lab);
  // The last one: it takes our EnvoyFleet away and brings it back.
  neighbourSuite(lab);
});
