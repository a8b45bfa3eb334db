import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.ts';

/** The flags with which Node runs the operator in its image, as its Dockerfile says after `instruction`. */
export function nodeFlags(instruction: 'ENTRYPOINT' | 'RUN' = 'ENTRYPOINT'): readonly string[] {
  const text = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
  const command = new RegExp(`^${instruction} (\\["node", .*/kusk-gateway\\.mjs".*\\])$`, 'm').exec(
    text,
  )?.[1];
  if (command === undefined) throw new Error(`Dockerfile: no ${instruction} that runs node`);
  const words: readonly string[] = JSON.parse(command);
  return words.filter((word) => word.startsWith('--') && word !== '--help');
}
