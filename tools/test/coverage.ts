/** What node:test reports of a source file, as far as it is used here. */
export interface FileCoverage {
  /** Absolute. */
  readonly path: string;
  readonly totalLineCount: number;
  readonly coveredLineCount: number;
  readonly totalBranchCount: number;
  readonly coveredBranchCount: number;
  readonly totalFunctionCount: number;
  readonly coveredFunctionCount: number;
  readonly branches: readonly { readonly line: number; readonly count: number }[];
}

export interface GateOptions {
  /** Of the files whose every branch has to be taken, by absolute path. */
  readonly isStrict: (path: string) => boolean;
  /** The least percentage of all lines, branches and functions together. */
  readonly least: number;
}

export interface Verdict {
  /** One line with the percentages. */
  readonly summary: string;
  /** Why the coverage does not suffice; empty if it does. */
  readonly problems: readonly string[];
}

const KINDS = ['Line', 'Branch', 'Function'] as const;

/** Judges the coverage of a run of all tests. */
export function judge(files: readonly FileCoverage[], { isStrict, least }: GateOptions): Verdict {
  const shares = KINDS.map((kind) => {
    const total = sum(files, (file) => file[`total${kind}Count`]);
    const covered = sum(files, (file) => file[`covered${kind}Count`]);
    return { kind: kind.toLowerCase(), percent: total === 0 ? 100 : (100 * covered) / total };
  });
  const low = shares
    .filter(({ percent }) => percent < least)
    .map(
      ({ kind, percent }) =>
        `${kind} coverage of src/ is ${percent.toFixed(1)} %, below ${least} %`,
    );
  return {
    summary: shares.map(({ kind, percent }) => `${kind} ${percent.toFixed(1)} %`).join(', '),
    problems: [...low, ...files.filter(({ path }) => isStrict(path)).flatMap(untaken)],
  };
}

function untaken({ path, branches }: FileCoverage): readonly string[] {
  const lines = branches.filter(({ count }) => count === 0).map(({ line }) => line);
  return [...new Set(lines)].map((line) => `${path}:${line}: a branch that no test takes`);
}

function sum<Item>(items: readonly Item[], count: (item: Item) => number): number {
  return items.reduce((total, item) => total + count(item), 0);
}
