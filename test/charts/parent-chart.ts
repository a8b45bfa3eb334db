import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { CHART } from './helm.ts';

/** A chart whose one dependency is ours, with values of its own. */
export function parentChart(t: TestContext, values: object = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'kusk-parent-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const manifest = {
    apiVersion: 'v2',
    name: 'parent',
    version: '1.0.0',
    dependencies: [{ name: 'kusk-gateway', version: '*', condition: 'kusk-gateway.enabled' }],
  };
  writeFileSync(join(folder, 'Chart.yaml'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'values.yaml'), JSON.stringify(values));
  cpSync(CHART, join(folder, 'charts/kusk-gateway'), { recursive: true });
  return folder;
}
