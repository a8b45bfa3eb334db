import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ListenOptions, type Server } from 'node:net';

/**
 * Below the ports that systems give to outgoing connections. From among those, a client that tries
 * to reach a server while it restarts could be given the server's own port, and keep it.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/**
 * Returns a loopback port that is free now, and that no other process gets from here while this one runs.
 * Another program may take it before it is used: then try another.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST);
    if ((await claim(port)) && (await isFree(port))) return port;
  }
}

/**
 * Claims a port for this process, and returns whether it was free to claim. Without this, a test could choose
 * the port that another one has found and not used yet. The claim is a socket with an abstract name, which has
 * no file and ends with the process. Only Linux has them.
 */
async function claim(port: number): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  return await listens(createServer().unref(), { path: `\0kusk-port-${port}` });
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  if (!(await listens(server, { port, host: '127.0.0.1' }))) return false;
  server.close();
  await once(server, 'close');
  return true;
}

async function listens(server: Server, where: ListenOptions): Promise<boolean> {
  server.listen(where);
  try {
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  }
}
