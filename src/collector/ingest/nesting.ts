const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** With it, a square bracket is a curly one. */
const CURLY = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/** Returns whether the arrays and objects of a JSON text are nested more than `levels` deep. */
export function isNestedDeeper(json: Uint8Array, levels: number): boolean {
  let depth = 0;
  for (let index = 0; index < json.length; index += 1) {
    const byte = json[index] ?? 0;
    if (byte === QUOTE) index = endOfString(json, index);
    else if ((byte | CURLY) === OPENING) depth += 1;
    else if ((byte | CURLY) === CLOSING) depth -= 1;
    if (depth > levels) return true;
  }
  return false;
}

/** Returns the place of the quote that ends the string, or the text's length if it does not end. */
function endOfString(json: Uint8Array, start: number): number {
  let end = start;
  do {
    end = json.indexOf(QUOTE, end + 1);
    if (end === -1) return json.length;
  } while (isEscaped(json, end));
  return end;
}

function isEscaped(json: Uint8Array, place: number): boolean {
  let first = place;
  while (json[first - 1] === BACKSLASH) first -= 1;
  return (place - first) % 2 === 1;
}
