import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import type { FileCoverage } from './coverage.ts';

/** Sources that no test has loaded, of which node:test says nothing: as files of which nothing is covered. */
export async function unloaded(
  sources: readonly string[],
  { loaded }: { readonly loaded: readonly FileCoverage[] },
): Promise<readonly FileCoverage[]> {
  const known = new Set(loaded.map(({ path }) => path));
  const unknown = sources.filter((path) => !known.has(path));
  const counts = await Promise.all(
    unknown.map(async (path) => codeLines(await readFile(path, 'utf8'))),
  );
  return unknown.flatMap((path, index) => uncovered(path, counts[index] ?? 0));
}

/** Lines that are left at run time: none in a file of types alone. */
export function codeLines(source: string): number {
  const code = stripTypeScriptTypes(source)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
  return code.split('\n').filter((line) => line.trim() !== '').length;
}

function uncovered(path: string, lines: number): readonly FileCoverage[] {
  if (lines === 0) return [];
  const none = { coveredLineCount: 0, coveredBranchCount: 0, coveredFunctionCount: 0 };
  const whole = { totalLineCount: lines, totalBranchCount: 1, totalFunctionCount: 1 };
  return [{ path, ...none, ...whole, branches: [{ line: 1, count: 0 }] }];
}
