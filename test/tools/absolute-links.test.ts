import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withAbsoluteLinks } from '../../tools/release/absolute-links.ts';

const OPTIONS = {
  folder: 'charts/kusk-gateway',
  source: 'https://example.com/owner/repository',
  version: '1.2.3',
};
const TAG = 'https://example.com/owner/repository/blob/v1.2.3';

describe('links of what leaves the repository', () => {
  const cases = [
    ['[a](../../docs/a.md)', `[a](${TAG}/docs/a.md)`],
    [
      '[a](../../docs/a.md#b) and [c](values.yaml)',
      `[a](${TAG}/docs/a.md#b) and [c](${TAG}/charts/kusk-gateway/values.yaml)`,
    ],
    ['[own](#heading)', '[own](#heading)'],
    [
      '[web](https://example.org/a.md), [mail](mailto:a@example.org)',
      '[web](https://example.org/a.md), [mail](mailto:a@example.org)',
    ],
    ['f(a) [not a link] (b)', 'f(a) [not a link] (b)'],
  ] as const;
  for (const [text, expected] of cases) {
    it(`are absolute: ${text}`, () => assert.equal(withAbsoluteLinks(text, OPTIONS), expected));
  }

  it('stay as they are if nobody says where the source is', () => {
    const text = '[a](../../docs/a.md)';
    assert.equal(withAbsoluteLinks(text, { ...OPTIONS, source: '' }), text);
  });
});
