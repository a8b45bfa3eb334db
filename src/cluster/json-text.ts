/** Containers with up to this many levels are matched in one step. Deeper ones take more steps. */
const LEVELS = 8;

const BLANK = '[ \\t\\r\\n]*';
const STRING = '"[^"\\\\]*(?:\\\\[^][^"\\\\]*)*"';
const PLAIN = '[^"{}[\\]]*';
/** A string without escapes, of moderate length. */
const SIMPLE_STRING = '"([ !#-[\\]-~]{0,1024})"';
const VALUE = `(?:${STRING}|[{[]${containerBody(LEVELS)}[}\\]]|[^ \\t\\r\\n,:"{}[\\]]+(?=[ \\t\\r\\n,}\\]]))`;
const NEXT_MEMBER = `${BLANK}(?:,|(?=}))`;

/** Returns the pattern of the content of an object or array with at most this many levels below. */
function containerBody(levels: number): string {
  const deeper = levels > 0 ? `|[{[]${containerBody(levels - 1)}[}\\]]` : '';
  return `${PLAIN}(?:(?:${STRING}${deeper})${PLAIN})*`;
}

/*
 * Each expression matches part of a text that may end in the middle of a value. Each text has only
 * one possible match, so a failed match takes linear time at most.
 */
export const BLANKS = new RegExp(BLANK, 'y');
export const WHOLE_VALUE = new RegExp(VALUE, 'y');
/** A number, boolean or null, or the part of it in this text. */
export const SCALAR = /[^ \t\r\n,:"{}[\]]*/y;
/** Up to the next bracket outside strings, or to a string that does not end in this text. */
export const TO_BRACKET = new RegExp(`${PLAIN}(?:${STRING}${PLAIN})*`, 'y');
/** Up to the closing quote of a string, the end of the text, or a backslash at its end. */
export const TO_STRING_END = /[^"\\]*(?:\\.[^"\\]*)*/sy;

/** Matches complete members with other names, each with its comma or before a closing brace. */
export function membersBut(names: readonly string[]): RegExp {
  const key = `"(?!(?:${names.join('|')})")[^"\\\\]*"`;
  return new RegExp(`(?:${BLANK}${key}${BLANK}:${BLANK}${VALUE}${NEXT_MEMBER})+`, 'y');
}

/** Matches a complete member with one of these names whose value is a simple string. */
export function simpleMember(names: readonly string[]): RegExp {
  const key = `"(${names.join('|') || '(?!)'})"`;
  return new RegExp(`${BLANK}${key}${BLANK}:${BLANK}${SIMPLE_STRING}${NEXT_MEMBER}`, 'y');
}

/** Returns the index after the match of a sticky expression, or `at` if it does not match. */
export function matchEnd(expression: RegExp, text: string, at: number): number {
  expression.lastIndex = at;
  return expression.test(text) ? expression.lastIndex : at;
}
