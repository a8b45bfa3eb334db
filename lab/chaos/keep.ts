import { copyFile, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Evidence } from './evidence.ts';
import type { Scene } from './scene.ts';

/**
 * Keeps what a wrong verdict was made of, and gives the folder: the API server's audit log, what was
 * gathered, and all that the operators have logged. Nobody removes it.
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
