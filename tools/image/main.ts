/**
 * Builds both images without a registry and without a daemon, and prints what each is, as one line of JSON.
 */

import { buildImage } from './image.ts';

const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(name, () => interrupted.abort());
}
const log = (line: string) => console.error(line);
for (const name of ['kusk-gateway-telemetry', 'kusk-collector'] as const) {
  const image = await buildImage({ name, env: process.env, log, signal: interrupted.signal });
  console.log(JSON.stringify(image));
}
