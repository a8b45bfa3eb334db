import { isAddressHost } from '../web/host-name.ts';
import type { IsKey } from '../web/keys.ts';
import { HttpRefusal } from './http-refusal.ts';

/**
 * Checks the write key of `Authorization: Basic base64(writeKey:)`.
 *
 * Returns false if there is no such header: the key must then be in the body. Throws 401 if the
 * header is wrong, before the body is read.
 */
export function isAuthorized(header: string | undefined, { isKey }: { isKey: IsKey }): boolean {
  if (header === undefined) return false;
  const [, encoded] = /^Basic +([A-Za-z0-9+/_-]+={0,2})$/i.exec(header) ?? [];
  if (encoded === undefined || !isKey(userOf(encoded))) throw wrongWriteKey();
  return true;
}

/** Checks `writeKey` in the body. Throws 401 if it is wrong. */
export function authorizeBody(writeKey: unknown, { isKey }: { isKey: IsKey }): void {
  if (typeof writeKey !== 'string' || !isKey(writeKey)) throw wrongWriteKey();
}

/** Checks `Authorization: Bearer readKey`. Throws 401 if it is wrong. */
export function authorizeReader(header: string | undefined, { isKey }: { isKey: IsKey }): void {
  const [, key] = /^Bearer +(\S+)$/i.exec(header ?? '') ?? [];
  if (key !== undefined && isKey(key)) return;
  throw new HttpRefusal('Send the read key as "Authorization: Bearer KEY".', {
    status: 401,
    code: 'wrong_read_key',
    headers: { 'WWW-Authenticate': 'Bearer' },
  });
}

/**
 * Throws 421 if a page of another site can have sent the request, by DNS rebinding: its `Host` is a name.
 *
 * For a collector without a read key, which listens on loopback only. Programs of HTTP/1.0 send no `Host`; browsers do.
 */
export function assertAddressHost(host: string | undefined): void {
  if (host === undefined || isAddressHost(host)) return;
  throw new HttpRefusal(
    'Without a read key, the collector is read at an IP address or localhost only: use http://127.0.0.1 with its port, or start it with --read-key.',
    { status: 421, code: 'wrong_host' },
  );
}

function userOf(encoded: string): string {
  return Buffer.from(encoded, 'base64').toString().split(':', 1).join();
}

function wrongWriteKey(): HttpRefusal {
  return new HttpRefusal(
    'Send a known write key as the user of Basic authentication, or as writeKey in the body.',
    { status: 401, code: 'wrong_write_key', headers: { 'WWW-Authenticate': 'Basic' } },
  );
}
