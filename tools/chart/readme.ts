import type { FormerValue } from './former.ts';
import { nameOf, type Value } from './values.ts';

/** Puts the tables of values into a chart's README, between the comments that mark their places. */
export function readmeWithTables(
  readme: string,
  {
    values,
    former,
  }: { readonly values: readonly Value[]; readonly former: readonly FormerValue[] },
): string {
  const tables = [
    ['values', valueTables(values)],
    ...(former.length > 0 ? ([['former values', formerTable(former)]] as const) : []),
  ] as const;
  return tables.reduce((text, [part, table]) => {
    const [begin, end] = [`<!-- ${part}: made by npm run fix -->`, `<!-- end of ${part} -->`];
    const [before, after] = [text.split(begin)[0], text.split(end)[1]];
    if (after === undefined) throw new Error(`the chart's README has no place for its ${part}`);
    return `${before}${begin}\n\n${table}\n${end}${after}`;
  }, readme);
}

function valueTables(values: readonly Value[]): string {
  const leaves = values.filter(({ isLeaf }) => isLeaf);
  return [...Map.groupBy(leaves, ({ section }) => section)]
    .map(([section, rows]) => `### ${section}\n\n${table(rows)}`)
    .join('\n');
}

function table(rows: readonly Value[]): string {
  const lines = rows.map(
    (value) => `| \`${nameOf(value)}\` | ${cell(value.description)} | ${shown(value.default)} |`,
  );
  return `| value | what it does | default |\n|---|---|---|\n${lines.join('\n')}\n`;
}

function shown(value: unknown): string {
  return `\`${cell(JSON.stringify(value))}\``;
}

function formerTable(former: readonly FormerValue[]): string {
  const lines = former.map(({ path, use = 'without effect' }) => `| \`${path}\` | ${cell(use)} |`);
  return `| former value | here |\n|---|---|\n${lines.join('\n')}\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
