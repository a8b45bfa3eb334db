/**
 * Returns the URL for batches: the endpoint with `/v1/batch` appended, unless it already ends so.
 *
 * `https://a`, `https://a/v1` and `https://a/v1/batch` are equal; `https://a/b` becomes
 * `https://a/b/v1/batch`. A query is kept. User and password are dropped: the write key authenticates.
 */
export function batchUrl(endpoint: URL): URL {
  const url = new URL(endpoint);
  url.username = '';
  url.password = '';
  url.hash = '';
  url.pathname = `${url.pathname.replace(/(?:\/v1(?:\/batch)?)?\/*$/, '')}/v1/batch`;
  return url;
}
