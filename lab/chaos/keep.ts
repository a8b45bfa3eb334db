import { copyFile, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Evidence } from './evidence.ts';
import type { Scene } from './scene.ts';

/**
 * Keeps the evidence of a wrong verdict: the API server's audit log, what was gathered, and everything
 * that the operators have logged. Returns the folder, which is not removed.
 */
export async function keepEvidence(scene: Scene, evidence: Evidence): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kusk-chaos-evidence-'));
  await copyFile(scene.lab.cp.auditLog, join(folder, 'audit.log'));
  const setsAsLists = (_: string, value: unknown) => (value instanceof Set ? [...value] : value);
  await writeFile(join(folder, 'evidence.json'), JSON.stringify(evidence, setsAsLists));
  for (const [index, replica] of scene.replicas.entries()) {
    const lines = replica.log().map((line) => JSON.stringify(line));
    await writeFile(join(folder, `operator-${index + 1}.log`), `${lines.join('\n')}\n`);
  }
  return folder;
}
