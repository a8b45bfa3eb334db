export interface LimitOptions {
  /** How many tasks may run at a time. */
  readonly count: number;
}

/** Wraps `task` so that at most `count` calls run at a time. Further calls start in order. */
export function limit<Input, Output>(
  task: (input: Input) => Promise<Output>,
  { count }: LimitOptions,
): (input: Input) => Promise<Output> {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async function limitedTask(input) {
    if (running < count) running += 1;
    // A call that ends passes its slot on, so `running` does not change.
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
