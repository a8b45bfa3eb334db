export interface LimitOptions {
  readonly count: number;
}

/**
 * Wraps `task` so that at most `count` of it run at a time; the others wait, first come first served.
 */
export function limit<Input, Output>(
  task: (input: Input) => Promise<Output>,
  { count }: LimitOptions,
): (input: Input) => Promise<Output> {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async function taskInTurn(input) {
    if (running < count) running += 1;
    // Whoever ends hands its place over, so `running` stays as it is.
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task(input);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
