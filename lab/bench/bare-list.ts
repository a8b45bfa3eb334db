/**
 * Lists all resources page by page, metadata only, with undici and nothing else: the least that a
 * program on Node can do. `node bare-list.ts SERVER CA_FILE CERT_FILE KEY_FILE`
 */

import { readFileSync } from 'node:fs';
import { Agent } from 'undici';

const [server = '', ca = '', cert = '', key = ''] = process.argv.slice(2);
const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const connect = { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) };
const agent = new Agent({ allowH2: false, connect });

interface Page {
  readonly metadata: { readonly continue?: string };
  readonly items: readonly unknown[] | null;
}

async function count(plural: string): Promise<number> {
  let objects = 0;
  for (let next: string | undefined = ''; next !== undefined; ) {
    const path = `/apis/gateway.kusk.io/v1alpha1/${plural}?limit=500&continue=${next}`;
    const answer = await agent.request({
      origin: server,
      path,
      method: 'GET',
      headers: { accept },
    });
    const page = (await answer.body.json()) as Page;
    objects += page.items?.length ?? 0;
    next = page.metadata.continue || undefined;
  }
  return objects;
}

const say = (msg: string, objects: number) =>
  console.log(JSON.stringify({ msg, at: Date.now(), objects }));
say('start', 0);
const counts = await Promise.all(['apis', 'staticroutes', 'envoyfleets'].map(count));
say(
  'ready',
  counts.reduce((total, one) => total + one),
);
await agent.close();
process.once('SIGTERM', () => process.exit());
setInterval(() => {}, 1e6);
