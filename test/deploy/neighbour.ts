import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventually, installCrds, type Lab } from './lab.ts';
import { CRDS, RELEASED_ENVOYFLEET } from './manifests.ts';

const OURS = 'crd/envoyfleets.gateway.kusk.io';
const RELEASED = 'crd/envoyfleet.gateway.kusk.io';
const FLEET = {
  apiVersion: 'gateway.kusk.io/v1alpha1',
  kind: 'EnvoyFleet',
  metadata: { name: 'released', namespace: 'default' },
  spec: { size: 2, service: { type: 'ClusterIP', ports: [{ port: 80 }] } },
};

/** Our EnvoyFleet, installed where a chart of Kusk Gateway 1.x left one of another plural. */
export function neighbourSuite(lab: Lab): void {
  describe('next to a released EnvoyFleet', () => {
    const wait = (condition: string, crd: string) =>
      lab().kubectl(['wait', `--for=condition=${condition}`, '--timeout=30s', crd]);

    before(async () => {
      await lab().kubectl(['delete', OURS]);
      await lab().kubectl(['apply', '-f', RELEASED_ENVOYFLEET]);
      await wait('Established', RELEASED);
      await lab().kubectl(['apply', '-f', CRDS]);
    });
    after(async () => {
      await lab().kubectl(['delete', '--ignore-not-found', RELEASED]);
      await installCrds(lab, CRDS);
    });

    it('ours says that the names are taken', async () => {
      await wait('NamesAccepted=false', OURS);
    });

    it('the released one goes on working', async () => {
      const { kubectl, folder } = lab();
      const fresh = ['--cache-dir', `${folder}/neighbour`];
      const input = JSON.stringify(FLEET);
      await eventually(() => kubectl(['apply', ...fresh, '-f', '-'], { input }));
      const path = '/apis/gateway.kusk.io/v1alpha1/namespaces/default/envoyfleet/released';
      const { spec } = JSON.parse(await kubectl(['get', '--raw', path])) as typeof FLEET;
      assert.deepEqual(spec, FLEET.spec);
    });

    it('ours is established once the released one is deleted', async () => {
      await lab().kubectl(['delete', RELEASED]);
      await wait('Established', OURS);
    });
  });
}
