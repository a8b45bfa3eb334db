import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type Lab, read } from './lab.ts';
import { SAMPLES } from './manifests.ts';

const NAMESPACE = 'status';
const STATUS = { state: 'Deployed', conditions: [{ type: 'Ready', status: 'True' }] };
const KINDS = ['api', 'staticroute', 'envoyfleet'];

/** Status is written apart from spec, and may hold anything. */
export function statusSuite(lab: Lab): void {
  describe('status', () => {
    before(async () => {
      await lab().kubectl(['create', 'namespace', NAMESPACE]);
      await lab().kubectl(['apply', '-n', NAMESPACE, '-f', SAMPLES]);
    });

    for (const kind of KINDS) {
      const only = async () => {
        const [object] = await read(lab, ['-n', NAMESPACE, kind, 'sample']);
        assert.ok(object);
        return object;
      };
      const patch = (change: unknown, ...args: string[]) => {
        const json = JSON.stringify(change);
        const target = ['-n', NAMESPACE, kind, 'sample', '--type=merge', '-p', json];
        return lab().kubectl(['patch', ...target, ...args]);
      };

      it(`of ${kind} takes anything, and leaves spec alone`, async () => {
        const { spec } = await only();
        await patch({ status: STATUS, spec: { fleet: { name: 'other' } } }, '--subresource=status');
        const after = await only();
        assert.deepEqual(after.status, STATUS);
        assert.deepEqual(after.spec, spec);
      });

      it(`of ${kind} is left alone when spec is written`, async () => {
        await patch({ status: { state: 'Forged' }, spec: { note: kind } });
        const after = await only();
        assert.deepEqual(after.status, STATUS);
        assert.equal((after.spec as { readonly note: string }).note, kind);
      });
    }
  });
}
