import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FileCoverage, judge } from '../../tools/test/coverage.ts';
import { codeLines } from '../../tools/test/unloaded.ts';

const whole: FileCoverage = {
  path: '/src/a.ts',
  totalLineCount: 100,
  coveredLineCount: 100,
  totalBranchCount: 10,
  coveredBranchCount: 10,
  totalFunctionCount: 5,
  coveredFunctionCount: 5,
  branches: [{ line: 1, count: 3 }],
};
const isStrict = (path: string) => path.startsWith('/src/strict/');

describe('judge', () => {
  it('passes if enough is covered, and says how much', () => {
    const file = { ...whole, coveredLineCount: 91, coveredBranchCount: 9 };
    assert.deepEqual(judge([file], { isStrict, least: 90 }), {
      summary: 'line 91.0 %, branch 90.0 %, function 100.0 %',
      problems: [],
    });
  });

  it('counts the files together', () => {
    const bad = { ...whole, coveredLineCount: 80 };
    assert.deepEqual(judge([whole, bad], { isStrict, least: 90 }).problems, []);
    const { problems } = judge([whole, bad, bad], { isStrict, least: 90 });
    assert.deepEqual(problems, ['line coverage of src/ is 86.7 %, below 90 %']);
  });

  it('names each line with a branch that is not taken, in the strict files alone', () => {
    const branches = [1, 7, 7, 9].map((line, index) => ({ line, count: index === 0 ? 1 : 0 }));
    const strict = { ...whole, path: '/src/strict/b.ts', branches };
    assert.deepEqual(judge([strict, { ...whole, branches }], { isStrict, least: 90 }).problems, [
      '/src/strict/b.ts:7: a branch that no test takes',
      '/src/strict/b.ts:9: a branch that no test takes',
    ]);
  });

  it('is content with nothing to cover', () => {
    assert.deepEqual(judge([], { isStrict, least: 90 }).problems, []);
  });
});

describe('codeLines', () => {
  const cases = [
    { title: 'is 0 for types and comments', source: '/** A. */\ninterface A {}\n// b\n', lines: 0 },
    { title: 'is 0 for type imports', source: "import type { A } from './a.ts';\n", lines: 0 },
    { title: 'counts what is left', source: 'type A = 1;\n\nexport const a: A = 1;\n', lines: 1 },
  ];
  for (const { title, source, lines } of cases) {
    it(title, () => assert.equal(codeLines(source), lines));
  }
});
