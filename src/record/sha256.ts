/**
 * SHA-256 and its HMAC from a library in JavaScript. Loading `node:crypto` takes longer than
 * everything else that `kusk` does to count a command.
 */

import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as digest } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** Returns the SHA-256 of a text in UTF-8: 64 lower-case hex digits. */
export function sha256(text: string): string {
  return bytesToHex(digest(utf8ToBytes(text)));
}

/** Returns the HMAC-SHA256 of a text: 64 lower-case hex digits. Key and text are read as UTF-8. */
export function hmacSha256(key: string, text: string): string {
  return bytesToHex(hmac(digest, utf8ToBytes(key), utf8ToBytes(text)));
}
