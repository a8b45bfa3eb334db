import { MalformedResponseError } from './errors.ts';
import { matchEnd, SCALAR, TO_STRING_END } from './json-text.ts';

/** Reads one string, number or literal after the other, each of which may come in pieces. */
export interface TokenReader {
  /** The next one begins. What is not kept is not copied. */
  readonly begin: (isKept: boolean) => void;
  /** Reads a string from after its first quote. Returns where it ends; `undefined` if it goes on. */
  readonly string: (text: string, at: number) => number | undefined;
  /** The same for a number or literal, which ends before something else. */
  readonly scalar: (text: string, at: number) => number | undefined;
  /** What the string that has ended says; `undefined` if it is not kept, or too long. */
  readonly stringValue: () => string | undefined;
  readonly scalarValue: () => unknown;
}

/** Texts are bytes, one a character. */
export function tokenReader({ limit }: { readonly limit: number }): TokenReader {
  let raw: string | undefined;
  /** The last piece has ended within an escape. */
  let inEscape = false;

  function keep(text: string, from: number, to: number): void {
    if (raw === undefined) return;
    raw = raw.length + to - from > limit ? undefined : raw + text.slice(from, to);
  }

  return {
    begin(isKept) {
      raw = isKept ? '' : undefined;
    },
    string(text, at) {
      const end = matchEnd(TO_STRING_END, text, inEscape ? at + 1 : at);
      const isWhole = text[end] === '"';
      keep(text, at, isWhole ? end : text.length);
      // A backslash that is the last character escapes the first one of the next piece.
      inEscape = !isWhole && end < text.length;
      return isWhole ? end + 1 : undefined;
    },
    scalar(text, at) {
      const end = matchEnd(SCALAR, text, at);
      keep(text, at, end);
      return end < text.length ? end : undefined;
    },
    stringValue() {
      if (raw === undefined || /^[ !#-[\]-~]*$/.test(raw)) return raw;
      return parsed(`"${utf8(raw)}"`) as string;
    },
    scalarValue: () => (raw === undefined ? undefined : parsed(utf8(raw))),
  };
}

function utf8(raw: string): string {
  return Buffer.from(raw, 'latin1').toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MalformedResponseError('sent what is not JSON', { cause });
  }
}

export function assertJson(holds: boolean): asserts holds {
  if (!holds) throw new MalformedResponseError('sent what is not JSON');
}
