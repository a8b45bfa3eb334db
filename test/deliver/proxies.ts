import http from 'node:http';
import net from 'node:net';
import type { TestContext } from 'node:test';
import { listening } from './servers.ts';

export interface ProxyOptions {
  /** The response that it sends instead of forwarding. */
  readonly status?: number;
}

/** Starts a proxy that forwards `http:`, tunnels `https:`, and records its requests. */
export async function proxy(t: TestContext, { status }: ProxyOptions = {}) {
  const asked: { readonly line: string; readonly authorization: string | undefined }[] = [];
  const note = ({ method, url, headers }: http.IncomingMessage) =>
    asked.push({ line: `${method} ${url}`, authorization: headers['proxy-authorization'] });

  const server = http.createServer((request, response) => {
    note(request);
    if (status !== undefined) return response.writeHead(status).end();
    const { method, headers, url = '' } = request;
    const onward = http.request(url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    return request.pipe(onward);
  });
  server.on('connect', (request: http.IncomingMessage, client: net.Socket) => {
    note(request);
    if (status !== undefined) return client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const { hostname, port } = new URL(`http://${request.url}`);
    const onward = net.connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      client.pipe(onward).pipe(client);
    });
    onward.on('error', () => client.destroy());
    return client.on('close', () => onward.destroy());
  });
  return { ...(await listening(server, t)), asked };
}
