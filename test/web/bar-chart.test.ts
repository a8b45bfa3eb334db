import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type BarChartOptions, barChart } from '../../src/web/bar-chart.ts';

type Shown = Partial<BarChartOptions> & { readonly figures?: readonly (number | null)[] };

/** Draws a chart of these figures, of which the last bar is incomplete. */
async function setup({ figures = [3, 0, 12], ...options }: Shown = {}) {
  const bars = figures.map((_, i) => ({ label: `day ${i}`, isComplete: i < figures.length - 1 }));
  const chart = barChart({
    id: 'c',
    title: 'Clusters by day',
    bars,
    series: [{ name: 'Clusters', figures }],
    marks: ['day 0', 'day 2'],
    size: 'large',
    ...options,
  });
  const html = String(await chart);
  const rects = [...html.matchAll(/<rect class="(?<look>[^"]*)".*?height="(?<height>[^"]*)"/g)];
  return {
    html,
    looks: rects.map(({ groups }) => groups?.look),
    heights: rects.map(({ groups }) => Number(groups?.height)),
    axis: [...html.matchAll(/<text[^>]*>(?<text>[^<]*)</g)].map(({ groups }) => groups?.text),
    about: /<desc[^>]*>(?<text>[^<]*)</.exec(html)?.groups?.text,
  };
}

describe('a bar chart', () => {
  it('has a bar in proportion to each figure that is not 0, the incomplete one lighter', async () => {
    const { heights, looks } = await setup();
    assert.deepEqual(heights, [60, 240]);
    assert.deepEqual(looks, ['series-1', 'series-1 partial']);
  });

  it('has the highest value and 0 on its axis, and whole numbers between', async () => {
    for (const figures of [[1], [2, 3], [46], [1_234_567], [0]]) {
      const { axis } = await setup({ figures });
      const values = axis.map((text) => Number(text?.replaceAll(',', '')));
      assert.equal(values[0], 0);
      assert.ok((values.at(-1) ?? 0) >= Math.max(...figures), String(figures));
      assert.ok(values.every(Number.isInteger), String(values));
      assert.equal(new Set(values).size, values.length);
    }
  });

  it('says in words what a reader of the picture sees', async () => {
    const { html, about } = await setup();
    assert.match(html, /<title id="c-title">Clusters by day<\/title>/);
    assert.match(html, /role="img" aria-labelledby="c-title c-about"/);
    assert.equal(
      about,
      '3 bars from day 0 to day 2. The highest is 12, day 2. The last is 12, not complete. The table has all of them.',
    );
  });

  it('draws nothing for a figure that must not be shown, and says so', async () => {
    const { heights, html, about } = await setup({ figures: [null, null] });
    assert.deepEqual(heights, []);
    assert.match(about ?? '', /All are 0 or too small to be shown/);
    assert.doesNotMatch(html, /NaN|undefined/);
  });

  it('does not say that a figure is 0 if it must not be shown', async () => {
    const { about } = await setup({ figures: [10, null] });
    assert.match(about ?? '', /The last is not shown, not complete\./);
  });

  it('says the sum of what is shown of a bar that is divided', async () => {
    const bars = [{ label: 'day 0', isComplete: true }];
    const series = [
      { name: 'API', figures: [10] },
      { name: 'EnvoyFleet', figures: [null] },
    ];
    const { about } = await setup({ bars, series });
    assert.match(about ?? '', /The last is 10\./);
  });

  it('stacks several series and has a legend for them', async () => {
    const { heights, html } = await setup({
      figures: [4],
      series: [
        { name: 'API', figures: [3] },
        { name: 'EnvoyFleet', figures: [1] },
      ],
    });
    assert.deepEqual(heights, [180, 60]);
    assert.match(html, /<ul class="legend">.*API.*EnvoyFleet/);
  });

  it('has something to show without bars', async () => {
    const { html, about } = await setup({ figures: [], marks: [] });
    assert.equal(about, 'Clusters by day: nothing to show.');
    assert.doesNotMatch(html, /NaN|undefined/);
  });

  it('escapes every text', async () => {
    const { html } = await setup({
      title: '<b>"',
      marks: ['<b>'],
      bars: [{ label: '<b>', isComplete: true }],
      series: [
        { name: '<b>', figures: [1] },
        { name: '&', figures: [1] },
      ],
    });
    assert.doesNotMatch(html, /<b>|& /);
  });
});
