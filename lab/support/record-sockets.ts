import { createHook } from 'node:async_hooks';
import { appendFileSync } from 'node:fs';
import { Socket } from 'node:net';

/**
 * Loaded into a process before its own code (`node --import`), writes a line of JSON to the file
 * named by `SOCKETS_FILE` for everything that uses the network: each connection of a socket with its
 * address, and each call of Node's to the system, whatever code calls it.
 */
const file = process.env.SOCKETS_FILE ?? '';
/** Everything by which Node speaks to somebody else; listening is not among it. */
const NATIVE = [
  'TCPCONNECTWRAP',
  'PIPECONNECTWRAP',
  'UDPWRAP',
  'UDPSENDWRAP',
  'GETADDRINFOREQWRAP',
  'GETNAMEINFOREQWRAP',
  'QUERYWRAP',
  'PROCESSWRAP',
  'WORKER',
];

const write = (line: object) => appendFileSync(file, `${JSON.stringify(line)}\n`);

createHook({
  init(_, type) {
    if (NATIVE.includes(type)) write({ native: type });
  },
}).enable();

const { connect } = Socket.prototype;
Socket.prototype.connect = function recorded(this: Socket, ...args: readonly unknown[]) {
  const [first] = args.flat();
  const { host, port, path } = (
    typeof first === 'object' ? first : { port: first, host: args.flat()[1] }
  ) as Record<string, unknown>;
  write({ connect: path ?? `${host ?? 'localhost'}:${port}` });
  return Reflect.apply(connect, this, args) as Socket;
} as typeof connect;
