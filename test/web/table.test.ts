import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { table } from '../../src/web/table.ts';

describe('a table', () => {
  it('is in a region that can be focused and has a name', async () => {
    const html = String(
      await table({
        caption: 'Clusters "by" day',
        columns: [{ title: 'Day' }, { title: 'Clusters', isNumber: true }],
        rows: [['1 Nov <b>', '12']],
      }),
    );
    assert.match(html, /tabindex="0" role="region" aria-label="Clusters &quot;by&quot; day"/);
    assert.match(html, /<th scope="col" class="number">Clusters<\/th>/);
    assert.match(
      html,
      /<th scope="row" class="text">1 Nov &lt;b&gt;<\/th><td class="number">12<\/td>/,
    );
  });
});
