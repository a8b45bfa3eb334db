/** Returns what CHANGELOG.md says of a version, or `undefined` if it has no such heading with a date. */
export function notesOf(changelog: string, version: string): string | undefined {
  const heading = new RegExp(`^## \\[${RegExp.escape(version)}\\] - \\d{4}-\\d\\d-\\d\\d\\n`, 'm');
  const found = heading.exec(changelog);
  if (found === null) return undefined;
  const rest = changelog.slice(found.index + found[0].length);
  const notes = rest.split(/^## |^\[[^\]]+\]: /m, 1).join('');
  return `${notes.trim()}\n`;
}
