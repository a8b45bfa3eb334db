/** Returns an endpoint without user, password and query, which may be secrets. */
export function withoutSecrets(endpoint: string): string {
  const url = URL.parse(endpoint);
  const isWeb = url !== null && /^https?:$/.test(url.protocol);
  return isWeb ? `${url.origin}${url.pathname}` : endpoint.replace(/^.*@/s, '').slice(0, 100);
}
