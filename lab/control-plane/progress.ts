const EVERY_MS = 10_000;

export interface ProgressOptions {
  readonly log: (line: string) => void;
  /** What is being built. */
  readonly what: string;
}

export interface Progress {
  /** One more package is done. */
  step(name: string): void;
  stop(): void;
}

/** Says every ten seconds how long the build has taken, and how far it is; and so at its end. */
export function startProgress({ log, what }: ProgressOptions): Progress {
  const startedAt = performance.now();
  let steps = 0;
  let latest = 'starting';
  const elapsed = () => `${Math.round((performance.now() - startedAt) / 1000)} s`;
  const timer = setInterval(
    () => log(`  ${elapsed()}: ${steps} packages so far (${latest})`),
    EVERY_MS,
  );

  function step(name: string) {
    steps += 1;
    latest = name;
  }

  function stop() {
    clearInterval(timer);
    log(`  ${elapsed()} in all for ${what}`);
  }

  return { step, stop };
}
