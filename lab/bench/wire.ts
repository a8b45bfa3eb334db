import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { kubeconfigVia } from '../support/kubeconfig-via.ts';
import type { Stage } from './stage.ts';

/** A wire to the API server that counts what passes, as it is encrypted, and changes nothing. */
export interface Wire {
  /** By which the API server is reached through here. */
  readonly kubeconfig: string;
  /** In both directions. */
  readonly bytes: () => number;
  readonly close: () => void;
}

export async function openWire({ lab }: Stage, name: string): Promise<Wire> {
  let bytes = 0;
  const target = Number(new URL(lab.cp.server).port);
  const server = createServer((socket) => {
    const other = connect(target, '127.0.0.1');
    for (const one of [socket, other]) {
      one.on('data', (chunk) => {
        bytes += chunk.length;
      });
      one.on('error', () => {
        socket.destroy();
        other.destroy();
      });
    }
    socket.pipe(other).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  const { port } = server.address() as AddressInfo;
  const kubeconfig = await kubeconfigVia(lab.cp, { url: `https://127.0.0.1:${port}`, name });
  return { kubeconfig, bytes: () => bytes, close: () => server.close() };
}
