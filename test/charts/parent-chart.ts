import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import { CHART } from './helm.ts';

/** A chart whose one dependency is ours, with values of its own. */
export function parentChart(t: TestContext, values: object = {}, { chart = CHART } = {}): string {
  const name = basename(chart);
  const folder = mkdtempSync(join(tmpdir(), 'kusk-parent-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const manifest = {
    apiVersion: 'v2',
    name: 'parent',
    version: '1.0.0',
    dependencies: [{ name, version: '*', condition: `${name}.enabled` }],
  };
  writeFileSync(join(folder, 'Chart.yaml'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'values.yaml'), JSON.stringify(values));
  cpSync(chart, join(folder, 'charts', name), { recursive: true });
  return folder;
}
