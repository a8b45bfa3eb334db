import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { brokenLinks } from '../../tools/lint/links.ts';

const GUIDE = `# The guide, \`in full\`

## One

## One

### [Linked](page.md) & _more_ of a_b!

\`\`\`md
## In code
\`\`\`

<a id="named"></a>
`;

const EXISTING = ['docs/guide.md', 'docs/page.md', 'docs/a b.svg', 'src/event.ts', 'src'];

function broken(text: string): readonly string[] {
  const files = [
    { path: 'docs/guide.md', text: GUIDE },
    { path: 'docs/page.md', text },
  ];
  return brokenLinks(files, { exists: (path) => EXISTING.includes(path) });
}

describe('a link in Markdown', () => {
  const good = [
    '[file](guide.md)',
    '[folder](../src)',
    '[with a title](guide.md "The guide")',
    '[encoded](a%20b.svg)',
    '![image](<a%20b.svg>)',
    '[heading](guide.md#the-guide-in-full)',
    '[repeat](guide.md#one-1)',
    '[punctuation](guide.md#linked--more-of-a_b)',
    '[named](guide.md#named)',
    '# Here\n[own heading](#here)',
    '[line](../src/event.ts#L10-L12)',
    '[outside](https://example.com/nothing.md#x) <mailto:a@example.com>',
    '`[code](nothing.md)`',
    '```md\n[code](nothing.md)\n```',
    '<!-- [comment](nothing.md) -->',
  ];
  for (const text of good) {
    it(`is good: ${JSON.stringify(text)}`, () => assert.deepEqual(broken(text), []));
  }

  const bad = [
    ['[file](nothing.md)', 'docs/page.md:1: nothing.md: no such file'],
    ['[above](src/event.ts)', 'docs/page.md:1: src/event.ts: no such file'],
    ['x\n\n[heading](guide.md#two)', 'docs/page.md:3: guide.md#two: no such heading'],
    ['```\n\n```\n[own](#here)', 'docs/page.md:4: #here: no such heading'],
    ['[in code](guide.md#in-code)', 'docs/page.md:1: guide.md#in-code: no such heading'],
    ['[of a source](../src/event.ts#x)', 'docs/page.md:1: ../src/event.ts#x: no such heading'],
    ['[by name][name]\n\n[name]: nothing.md', 'docs/page.md:3: nothing.md: no such file'],
    ['<img src="nothing.svg">', 'docs/page.md:1: nothing.svg: no such file'],
  ] as const;
  for (const [text, line] of bad) {
    it(`is broken: ${JSON.stringify(text)}`, () => assert.deepEqual(broken(text), [line]));
  }
});
