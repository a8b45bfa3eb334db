/** Builds the image without a registry and without a daemon, and prints what it is, as one line of JSON. */

import { buildImage } from './image.ts';

const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(name, () => interrupted.abort());
}
const log = (line: string) => console.error(line);
const image = await buildImage({ env: process.env, log, signal: interrupted.signal });
console.log(JSON.stringify(image));
