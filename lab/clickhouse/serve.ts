/**
 * Serves ClickHouse's real engine by the HTTP interface that its official client speaks. Arguments: the folder in
 * which `chdb` is installed, a folder for the data, and, if wanted, a port and an address to listen on. Prints its port.
 *
 * It has no users, and runs one query at a time. The process can be killed at any moment.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

interface Result {
  readonly bytes: () => Uint8Array;
}

interface Session {
  readonly queryAsync: (query: string) => Promise<Result>;
  readonly queryBindAsync: (query: string, parameters: object) => Promise<Result>;
}

const [installed = '', folder = '', port = '0', host = '127.0.0.1'] = process.argv.slice(2);
const require = createRequire(join(installed, 'package.json'));
const { Session } = require('chdb') as { Session: new (folder: string) => Session };
const session = new Session(folder);
let queue: Promise<unknown> = Promise.resolve();

async function run(request: IncomingMessage): Promise<Uint8Array> {
  const { searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
  const sent = await buffer(request);
  const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
  const query = [searchParams.get('query'), body.toString()].filter(Boolean).join('\n');
  const parameters = [...searchParams]
    .filter(([name]) => name.startsWith('param_'))
    .map(([name, value]) => [name.slice('param_'.length), value]);
  const result =
    parameters.length === 0
      ? await session.queryAsync(query)
      : await session.queryBindAsync(query, Object.fromEntries(parameters));
  return result.bytes();
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url?.startsWith('/ping')) return void response.end('Ok.\n');
  try {
    const result = queue.then(() => run(request));
    queue = result.catch(() => {});
    response.end(await result);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const [, code = '1002'] = /Code: (\d+)/.exec(message) ?? [];
    response.writeHead(500, { 'X-ClickHouse-Exception-Code': code }).end(message);
  }
}

const server = createServer((request, response) => void respond(request, response));
server.listen(Number(port), host, () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
