/**
 * SHA-256 and its HMAC in JavaScript. Loading `node:crypto` takes longer than everything else that
 * `kusk` does to count a command.
 *
 * @see https://doi.org/10.6028/NIST.FIPS.180-4 (SHA-256)
 * @see https://www.rfc-editor.org/rfc/rfc2104 (HMAC)
 */

/** The size of a block, in bytes. */
const BLOCK = 64;
const ROUNDS = 64;
/** The size of the message's length at the end of the last block, in bytes. */
const LENGTH = 8;

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const CONSTANTS = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
] as const;

/** The first 32 bits of the fractional parts of the square roots of the first 8 primes. */
const START = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
] as const;

/** Returns the SHA-256 of a text in UTF-8: 64 lower-case hex digits. */
export function sha256(text: string): string {
  return digest(Buffer.from(text)).toString('hex');
}

/** Returns the HMAC-SHA256 of a text: 64 lower-case hex digits. Key and text are read as UTF-8. */
export function hmacSha256(key: string, text: string): string {
  const bytes = Buffer.from(key);
  const short = bytes.length > BLOCK ? digest(bytes) : bytes;
  const inner = digest(Buffer.concat([masked(short, 0x36), Buffer.from(text)]));
  return digest(Buffer.concat([masked(short, 0x5c), inner])).toString('hex');
}

/** Returns the key in a block of its own, each byte XORed with the mask. */
function masked(key: Buffer, mask: number): Buffer {
  const block = Buffer.alloc(BLOCK, mask);
  for (let index = 0; index < key.length; index += 1) block[index] = (key[index] as number) ^ mask;
  return block;
}

function digest(message: Buffer): Buffer {
  const padded = Buffer.alloc(Math.ceil((message.length + 1 + LENGTH) / BLOCK) * BLOCK);
  padded.set(message);
  padded[message.length] = 0x80;
  padded.writeUInt32BE(Math.floor(message.length / 2 ** 29), padded.length - LENGTH);
  padded.writeUInt32BE((message.length * 8) >>> 0, padded.length - LENGTH / 2);

  const state = Int32Array.from(START);
  const words = new Int32Array(ROUNDS);
  for (let offset = 0; offset < padded.length; offset += BLOCK) {
    schedule(words, padded, offset);
    compress(state, words);
  }
  const result = Buffer.alloc(state.length * 4);
  for (let index = 0; index < state.length; index += 1) {
    result.writeInt32BE(state[index] as number, index * 4);
  }
  return result;
}

/** Expands a block to a word for each round. */
function schedule(words: Int32Array, padded: Buffer, offset: number): void {
  for (let index = 0; index < 16; index += 1) words[index] = padded.readInt32BE(offset + index * 4);
  for (let index = 16; index < ROUNDS; index += 1) {
    const older = words[index - 15] as number;
    const newer = words[index - 2] as number;
    const small = rotated(older, 7) ^ rotated(older, 18) ^ (older >>> 3);
    const large = rotated(newer, 17) ^ rotated(newer, 19) ^ (newer >>> 10);
    words[index] = (words[index - 16] as number) + small + (words[index - 7] as number) + large;
  }
}

/** Mixes a block's words into the state. */
function compress(state: Int32Array, words: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let index = 0; index < ROUNDS; index += 1) {
    const choice = (e & f) ^ (~e & g);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const fromE = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const fromA = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
    const added =
      (h + fromE + choice + (CONSTANTS[index] as number) + (words[index] as number)) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + added) | 0;
    d = c;
    c = b;
    b = a;
    a = (added + fromA + majority) | 0;
  }
  const mixed = [a, b, c, d, e, f, g, h];
  for (let index = 0; index < state.length; index += 1)
    state[index] = (state[index] as number) + (mixed[index] as number);
}

/** Returns 32 bits rotated to the right. */
function rotated(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}
