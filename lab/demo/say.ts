const startedAt = performance.now();

/** A line of the demo: how many seconds in, who speaks, what. */
export function say(who: string, what: string): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(6);
  for (const line of what.trim().split('\n')) console.log(`${seconds}  ${who.padEnd(10)} ${line}`);
}
