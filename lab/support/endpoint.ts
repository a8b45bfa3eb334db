import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** One message as it arrived. */
export interface Message {
  readonly messageId: string;
  readonly anonymousId: string;
  readonly userId: string;
  readonly event: string;
  readonly properties: { readonly event: string };
  readonly timestamp: string;
  readonly [field: string]: unknown;
}

/** One request as it arrived. */
export interface Arrival {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly messages: readonly Message[];
}

/** Responds to a request, or misbehaves as a broken endpoint does. */
export type Behaviour = (arrival: Arrival, response: ServerResponse, socket: Socket) => void;

/** Accepts, as Segment does. */
export const accept: Behaviour = (_, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"success":true}');
};

/** Responds with a status. */
export function refuse(status: number, headers: Record<string, string> = {}): Behaviour {
  return (_, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end('{}');
  };
}

/** An endpoint on loopback that keeps every request. Its behaviour can be set. */
export interface Endpoint extends AsyncDisposable {
  readonly url: string;
  /** Every request that came in whole, whatever the answer was. */
  readonly arrivals: readonly Arrival[];
  /** The messages that were accepted, in the order of arrival, repeats included. */
  readonly accepted: readonly Message[];
  readonly behave: (behaviour: Behaviour) => void;
  readonly close: () => Promise<void>;
}

export async function startEndpoint(port = 0): Promise<Endpoint> {
  let behaviour: Behaviour = accept;
  const arrivals: Arrival[] = [];
  const accepted: Message[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const { batch } = JSON.parse(body) as { readonly batch: readonly Message[] };
    const arrival = { path: request.url ?? '', headers: request.headers, body, messages: batch };
    arrivals.push(arrival);
    if (behaviour === accept) accepted.push(...batch);
    behaviour(arrival, response, request.socket);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrivals,
    accepted,
    behave(next) {
      behaviour = next;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The messages of these events, by `properties.event`. */
export function named(messages: readonly Message[], name: string): readonly Message[] {
  return messages.filter(({ properties }) => properties.event === name);
}
