import type { RequestListener } from 'node:http';

const ALLOWED = ['GET', 'HEAD'];

/**
 * Wraps a listener so that it receives GET and HEAD only.
 *
 * This is before the web application, because a `Request` can't have each method of HTTP. The
 * connection is closed: nobody reads the body of the request.
 */
export function readOnly(listener: RequestListener): RequestListener {
  return (request, response) => {
    if (ALLOWED.includes(request.method ?? '')) {
      listener(request, response);
      return;
    }
    response.writeHead(405, {
      Allow: ALLOWED.join(', '),
      'Content-Type': 'text/plain; charset=utf-8',
      'Cache-Control': 'no-store',
      Connection: 'close',
    });
    response.end('The dashboard only reads: use GET.\n');
  };
}
