import { isDeepStrictEqual } from 'node:util';
import type { NumbersReport } from '../../src/collector/numbers/numbers.ts';
import type { Kind } from '../../src/event.ts';

/** What `GET /v1/numbers` answers. */
export interface Numbers extends NumbersReport {
  readonly received: { readonly accepted: number; readonly duplicates: number };
}

/** Reads the numbers. The demo has seen so many events acknowledged, so they must be there. */
export async function numbersFrom(url: string, events: number): Promise<Numbers> {
  const answer = await fetch(`${url}/v1/numbers`);
  const numbers = (await answer.json()) as Numbers;
  if (numbers.received.accepted >= events) return numbers;
  throw new Error(`${numbers.received.accepted} events have arrived, not ${events}`);
}

/** Whether the collector's page is there and has the same numbers; says so. */
export async function isOnPage(url: string, { total }: Numbers): Promise<boolean> {
  const page = await fetch(`${url}/?range=7d`, { headers: { Accept: 'text/html' } });
  const isPage = page.ok && /<h1>/.test(await page.text());
  const data = (await (await fetch(`${url}/numbers.json?range=7d`)).json()) as {
    readonly total: Readonly<Record<string, number | null>>;
  };
  const { creations, ...others } = total;
  const wrong = Object.entries({ ...others, ...creations }).filter(
    ([name, value]) => data.total[name] !== value,
  );
  const isRight = isPage && wrong.length === 0;
  if (isRight) console.log('The page of the collector shows the same.');
  else console.error(`The page of the collector is WRONG: ${JSON.stringify(data.total)}`);
  return isRight;
}

/** What the demo does once, on one machine and in one cluster. */
const ONCE = {
  cliInstallations: 1,
  cliUsages: 2,
  clusterInstallations: 1,
  activeClusters: 1,
  disabled: 1,
  uiSessions: 1,
};

export interface JudgeOptions {
  readonly creations: Readonly<Record<Kind, number>>;
  /** Nobody else could create anything. */
  readonly isExact: boolean;
}

/** Whether the numbers are those that the demo must make; says so. */
export function judge({ total }: Numbers, { creations, isExact }: JudgeOptions): boolean {
  const expected = { ...ONCE, creations };
  const { creations: created, ...counted } = total;
  const found = { ...counted, creations: { ...created } };
  const enough = Object.entries(creations).every(
    ([kind, count]) => total.creations[kind as Kind] >= count,
  );
  const isRight = isExact
    ? isDeepStrictEqual(found, expected)
    : isDeepStrictEqual({ ...counted }, ONCE) && enough;
  if (isRight)
    console.log(
      'The numbers are right: 2 APIs, 1 StaticRoute, 1 EnvoyFleet, two commands of kusk, and each of the others once.',
    );
  else
    console.error(
      `The numbers are WRONG: ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`,
    );
  return isRight;
}
