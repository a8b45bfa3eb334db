import { createHash, timingSafeEqual } from 'node:crypto';

/** Returns whether a key is one of those configured. */
export type IsKey = (key: string) => boolean;

/**
 * Creates a check of keys.
 *
 * Its duration does not depend on the keys' content or length, or on which key matches.
 */
export function keyChecker(keys: readonly string[]): IsKey {
  const digests = keys.map(digest);
  return (key) => {
    const wanted = digest(key);
    return digests.filter((one) => timingSafeEqual(one, wanted)).length > 0;
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
