import { randomBytes } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type SecureContextOptions } from 'node:tls';
import { freePort } from '../control-plane/ports.ts';

export interface FrontOptions {
  /** Where connections are passed on to. */
  readonly target: string;
  /** Key and certificate, where it speaks TLS. */
  readonly tls?: SecureContextOptions;
}

/**
 * What stands before a server on the network: a port that can be shut, connections that can go dead, a
 * certificate that can be wrong.
 */
export interface Front extends AsyncDisposable {
  readonly url: string;
  /** From now on connections are refused. */
  readonly shut: () => Promise<void>;
  readonly open: () => Promise<void>;
  /** How many connections there have been. */
  readonly accepted: () => number;
  /** From now on nothing comes through the connections there are, which stay open; new ones serve. */
  readonly freeze: () => void;
  /** Shows another certificate from now on. Present connections are closed. */
  readonly present: (tls: SecureContextOptions) => void;
}

/** Starts one that is open. */
export async function startFront({ target, tls }: FrontOptions): Promise<Front> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const pass = (socket: Socket) => {
    accepted += 1;
    const other = connect(Number(new URL(target).port), '127.0.0.1');
    for (const [one, another] of [
      [socket, other],
      [other, socket],
    ] as const) {
      sockets.add(one);
      one.pipe(another);
      one.on('error', () => another.destroy());
      one.on('close', () => {
        sockets.delete(one);
        another.destroy();
      });
    }
  };
  const tlsServer = tls && createTlsServer(tls, pass);
  const server: Server = tlsServer ?? createServer(pass);
  server.on('tlsClientError', () => undefined);
  // One that no outgoing connection is given while it is shut.
  const port = await freePort();
  await listen(server, port);

  function cut(): void {
    for (const socket of sockets) socket.destroy();
  }

  async function shut(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    cut();
    await closed;
  }

  return {
    url: `http${tls ? 's' : ''}://127.0.0.1:${port}`,
    shut,
    open: () => listen(server, port),
    accepted: () => accepted,
    freeze() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    present(context) {
      tlsServer?.setSecureContext(context);
      // A session that is resumed would go on under the former certificate.
      tlsServer?.setTicketKeys(randomBytes(48));
      cut();
    },
    [Symbol.asyncDispose]: shut,
  };
}

async function listen(server: Server, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(port, '127.0.0.1', resolve);
  await promise;
  server.removeListener('error', reject);
}
