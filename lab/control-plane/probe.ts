import { once } from 'node:events';
import { request } from 'node:https';
import type { Certificate } from './certificates.ts';

export interface ProbeOptions {
  readonly server: string;
  readonly ca: string;
  readonly user: Certificate;
}

/** Whether a GET is answered by 200, by the API server with our certificate and by no other. */
export async function probe(path: string, { server, ca, user }: ProbeOptions): Promise<boolean> {
  const sent = request(`${server}${path}`, { ca, cert: user.cert, key: user.key, agent: false });
  sent.setTimeout(5_000, () => sent.destroy(new Error('timeout')));
  const [response] = await once(sent.end(), 'response');
  response.resume();
  return response.statusCode === 200;
}
