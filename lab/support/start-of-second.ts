import { eventually } from './eventually.ts';

/** The part of a second that counts as its start, in milliseconds. */
const START_MS = 100;

/** Resolves when a second has just begun: what is done now mostly happens within it. */
export async function startOfSecond(): Promise<void> {
  const attempt = () => {
    if (Date.now() % 1_000 >= START_MS) throw new Error('no second has begun');
  };
  await eventually(attempt, { everyMs: 5 });
}
