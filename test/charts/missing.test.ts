import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { inParallel } from '../../lab/support/in-parallel.ts';
import { places, valuesWith } from './fuzz.ts';
import { FEW, type Helm, helmOf, VERSIONS } from './helm.ts';
import { template } from './rendered.ts';

/** Of these null is a decision of its own: telemetry is off. */
const DECIDES = ['analytics', 'analytics.enabled', 'analytics.enable', 'analytics.reportOptOut'];

/** A value that is missing, as of an older chart's values, and one that is null. */
for (const version of VERSIONS) {
  describe(`values that are missing, by ${version}`, () => {
    const { groups, leaves } = places();
    let helm: Helm;
    let usual: string;
    before(async () => {
      helm = await helmOf(version);
      usual = await template(helm);
    });

    it('are the defaults', async () => {
      const all = [...groups, ...leaves]
        .map(({ path }) => path)
        .filter((path) => path.length > 0 && !DECIDES.includes(path.join('.')));
      assert.ok(all.length > 50);
      const changed = await inParallel(
        all,
        async (path) => {
          const rendered = await template(helm, { values: valuesWith([{ path, value: null }]) });
          return rendered === usual ? [] : [path.join('.')];
        },
        FEW,
      );
      assert.deepEqual(changed.flat(), []);
    });

    it('are missing inside of a mapping of Kubernetes', async () => {
      const values = valuesWith([{ path: ['manager', 'resources', 'limits'], value: null }]);
      const rendered = await template(helm, { values });
      assert.match(rendered, /memory: 96Mi/);
      assert.doesNotMatch(rendered, /memory: 256Mi/);
    });
  });
}
