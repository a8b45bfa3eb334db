/** Containers of so many levels are gone over in one step. Deeper ones take some more. */
const LEVELS = 8;

const BLANK = '[ \\t\\r\\n]*';
const STRING = '"[^"\\\\]*(?:\\\\[^][^"\\\\]*)*"';
const PLAIN = '[^"{}[\\]]*';
/** A string that says itself, of a moderate length. */
const SIMPLE_STRING = '"([ !#-[\\]-~]{0,1024})"';
const VALUE = `(?:${STRING}|[{[]${containerBody(LEVELS)}[}\\]]|[^ \\t\\r\\n,:"{}[\\]]+(?=[ \\t\\r\\n,}\\]]))`;
const NEXT_MEMBER = `${BLANK}(?:,|(?=}))`;

/** What an object or array holds that has at most so many levels below it. */
function containerBody(levels: number): string {
  const deeper = levels > 0 ? `|[{[]${containerBody(levels - 1)}[}\\]]` : '';
  return `${PLAIN}(?:(?:${STRING}${deeper})${PLAIN})*`;
}

/*
 * Each of these goes over a part of a text that ends in the middle of something. They are written
 * so that a text can be read in one way only: nothing that is tried in vain takes more than linear
 * time.
 */
export const BLANKS = new RegExp(BLANK, 'y');
export const WHOLE_VALUE = new RegExp(VALUE, 'y');
/** A number, boolean or null; or the part of it that is here. */
export const SCALAR = /[^ \t\r\n,:"{}[\]]*/y;
/** Up to the next bracket outside strings, or to a string that has no end here. */
export const TO_BRACKET = new RegExp(`${PLAIN}(?:${STRING}${PLAIN})*`, 'y');
/** Up to the quote that ends a string, or to where the text ends, or to a last backslash. */
export const TO_STRING_END = /[^"\\]*(?:\\.[^"\\]*)*/sy;

/** Goes over whole members of other names, each with its comma or up to the end of the object. */
export function membersBut(names: readonly string[]): RegExp {
  const key = `"(?!(?:${names.join('|')})")[^"\\\\]*"`;
  return new RegExp(`(?:${BLANK}${key}${BLANK}:${BLANK}${VALUE}${NEXT_MEMBER})+`, 'y');
}

/** Matches a whole member of one of these names whose value is a simple string. */
export function simpleMember(names: readonly string[]): RegExp {
  const key = `"(${names.join('|') || '(?!)'})"`;
  return new RegExp(`${BLANK}${key}${BLANK}:${BLANK}${SIMPLE_STRING}${NEXT_MEMBER}`, 'y');
}

/** Returns where a sticky expression ends, or where it began if it does not match. */
export function matchEnd(expression: RegExp, text: string, at: number): number {
  expression.lastIndex = at;
  return expression.test(text) ? expression.lastIndex : at;
}
