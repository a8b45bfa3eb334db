/**
 * Keeps many connections to the collector, each of which sends one byte of a body a second, without a
 * key: URL COUNT. Says `ready` as `child.ts` reads it, once all are open.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { LIMITS } from '../../src/collector/ingest/batch.ts';

const [url = '', count = ''] = process.argv.slice(2);
const { hostname, port } = new URL(url);
const HEAD = `POST /v1/batch HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: ${LIMITS.batchBytes}\r\n\r\n`;
/** Connections opened together: more than the backlog takes would never open. */
const GROUP = 200;
const EVERY_MS = 1_000;

const open = new Set<Socket>();

async function connectOne(): Promise<void> {
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.once('close', () => {
    open.delete(socket);
    void connectOne();
  });
  socket.once('connect', () => {
    open.add(socket);
    socket.resume().write(HEAD);
  });
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
}

for (let missing = Number(count); missing > 0; missing -= GROUP) {
  await Promise.all(Array.from({ length: Math.min(GROUP, missing) }, connectOne));
}
setInterval(() => {
  for (const socket of open) socket.write(' ');
}, EVERY_MS);
console.log(JSON.stringify({ msg: 'ready', at: Date.now(), objects: open.size }));
