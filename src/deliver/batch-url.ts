/**
 * Where the batches go: `/v1/batch` below the endpoint, unless the endpoint already says so.
 *
 * `https://a`, `https://a/v1` and `https://a/v1/batch` are the same; `https://a/b` becomes
 * `https://a/b/v1/batch`. A query is kept; user and password are dropped, as the write key is what
 * the receiver asks for.
 */
export function batchUrl(endpoint: URL): URL {
  const url = new URL(endpoint);
  url.username = '';
  url.password = '';
  url.hash = '';
  url.pathname = `${url.pathname.replace(/(?:\/v1(?:\/batch)?)?\/*$/, '')}/v1/batch`;
  return url;
}
