import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControlPlane } from '../control-plane/start.ts';

/** Writes the operator's kubeconfig, but that the API server is reached at another address. */
export async function kubeconfigVia(
  { operatorKubeconfig, server, folder }: ControlPlane,
  { url, name }: { readonly url: string; readonly name: string },
): Promise<string> {
  const path = join(folder, `${name}.kubeconfig`);
  const text = await readFile(operatorKubeconfig, 'utf8');
  await writeFile(path, text.replaceAll(server, url), { mode: 0o600 });
  return path;
}
