/**
 * Returns whether a consent began or ended after another one. Every change of consent is later than those
 * that its writer knows, so a ledger with an earlier one is an old copy.
 */
export function isLaterConsent(since: string, known: string | undefined): boolean {
  return known === undefined || Date.parse(since) > Date.parse(known);
}

/** Returns the later one. */
export function latestSince(since: string, known: string | undefined): string {
  return known === undefined || isLaterConsent(since, known) ? since : known;
}

/** Returns the `since` of a change of consent: now, or just after the known ones if the clock is behind. */
export function nextSince(nowMs: number, ...known: readonly (string | undefined)[]): string {
  const earliest = known.map((since) => (since === undefined ? 0 : Date.parse(since) + 1));
  return new Date(Math.max(nowMs, ...earliest)).toISOString();
}
