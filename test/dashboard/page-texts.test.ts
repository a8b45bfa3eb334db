import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ageText, isoText, moment, momentText } from '../../src/dashboard/pages/moments.ts';
import { visible, visibleText } from '../../src/dashboard/pages/visible-text.ts';
import { NOW } from './views.ts';

describe('a text of a cluster', () => {
  const cases = [
    { text: 'shop.example.com', shown: 'shop.example.com' },
    { text: 'a\u202eb', shown: 'a\\u202eb' },
    { text: '\u0000\u001b[31m\u007f\u0085', shown: '\\u0000\\u001b[31m\\u007f\\u0085' },
    { text: 'a\nb\tc', shown: 'a\\u000ab\\u0009c' },
    { text: '\u200b\ufeff\u00ad', shown: '\\u200b\\ufeff\\u00ad' },
    { text: '\u2028\u2029', shown: '\\u2028\\u2029' },
    { text: '\u{e0041}', shown: '\\u{e0041}' },
    { text: '\ud800x', shown: '\\ud800x' },
    { text: 'אבג 漢字 é 👍', shown: 'אבג 漢字 é 👍' },
  ];
  for (const { text, shown } of cases) {
    it(`shows each of its characters: ${shown}`, async () => {
      assert.equal(visibleText(text), shown);
      const markup = String(await visible(text));
      assert.equal(markup.replaceAll(/<[^>]*>/g, ''), shown);
    });
  }

  it('is escaped, and keeps its direction to itself', async () => {
    const markup = String(await visible('<b a="\'">&\u202e'));
    assert.equal(
      markup,
      '<bdi>&lt;b a=&quot;&#39;&quot;&gt;&amp;<span class="unseen-character">\\u202e</span></bdi>',
    );
  });
});

describe('a time', () => {
  const ages = [
    [0, '0 s'],
    [-5_000, '0 s'],
    [1_000, '1 s'],
    [119_999, '119 s'],
    [120_000, '2 min'],
    [7_199_999, '119 min'],
    [7_200_000, '2 h'],
    [172_799_999, '47 h'],
    [172_800_000, '2 d'],
    [400 * 86_400_000, '400 d'],
  ] as const;
  for (const [ms, text] of ages) {
    it(`is ${text} old after ${ms} ms`, () => {
      assert.equal(ageText(ms), text);
    });
  }

  it('is shown in UTC, with its age', async () => {
    const markup = String(await moment('2026-11-23T11:58:00Z', NOW));
    assert.match(markup, /datetime="2026-11-23T11:58:00\.000Z">23 Nov 2026, 11:58:00 UTC</);
    assert.match(markup, /\(2 min ago\)/);
  });

  for (const text of [undefined, '', 'yesterday', '<b>']) {
    it(`is a dash if it is none: ${text}`, async () => {
      assert.equal(String(await moment(text, NOW)), '–');
    });
  }

  it('that no calendar has is a dash, and no failure', () => {
    for (const ms of [Number.NaN, 1e300, -1e300, Number.POSITIVE_INFINITY]) {
      assert.equal(momentText(ms), '–');
      assert.equal(isoText(ms), '');
    }
  });
});
