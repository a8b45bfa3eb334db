/**
 * A name server with one name: `node name-server.ts ADDRESS NAME KNOWN_ADDRESS` listens on
 * ADDRESS, says `listening`, and responds that any other name does not exist.
 */

import { createSocket } from 'node:dgram';

const [address = '', name = '', known = ''] = process.argv.slice(2);
const HEADER_BYTES = 12;
const TYPE_A = 1;
const NO_SUCH_NAME = 3;

/** A question's name, its type, and where it ends. */
function question(query: Buffer) {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** @see https://www.rfc-editor.org/rfc/rfc1035#section-4 */
function answer(query: Buffer): Buffer {
  const asked = question(query);
  const isKnown = asked.name.toLowerCase() === name;
  const hasAddress = isKnown && asked.type === TYPE_A;
  const header = Buffer.alloc(HEADER_BYTES);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | (isKnown ? 0 : NO_SUCH_NAME), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(hasAddress ? 1 : 0, 6);
  const parts = [header, query.subarray(HEADER_BYTES, asked.end)];
  if (!hasAddress) return Buffer.concat(parts);
  // The name again, type, class, a minute to live, four bytes.
  const record = Buffer.from([0xc0, HEADER_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0, 60, 0, 4]);
  return Buffer.concat([...parts, record, Buffer.from(known.split('.').map(Number))]);
}

const socket = createSocket('udp4');
socket.on('message', (query, from) => socket.send(answer(query), from.port, from.address));
socket.bind(53, address, () => console.log('listening'));
