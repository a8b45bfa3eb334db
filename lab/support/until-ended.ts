import { fstatSync } from 'node:fs';

/**
 * Starts something and keeps it until we are interrupted, or until our standard input closes if that
 * is a pipe; then closes it. `onStarted` is called once it has started.
 */
export async function untilEnded<Thing extends AsyncDisposable>(
  start: (signal: AbortSignal) => Promise<Thing>,
  onStarted: (thing: Thing) => void,
): Promise<void> {
  const ended = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => ended.abort(name));
  }
  const keepAlive = setInterval(() => {}, 60_000);
  if (isPipe(0)) process.stdin.once('end', () => ended.abort()).resume();
  try {
    await using thing = await start(ended.signal);
    onStarted(thing);
    await aborted(ended.signal);
  } catch (error) {
    if (!ended.signal.aborted) throw error;
  } finally {
    clearInterval(keepAlive);
    process.stdin.destroy();
  }
}

/** A terminal and /dev/null are no reason to end, a pipe that somebody held and lost is one. */
function isPipe(descriptor: number): boolean {
  const found = fstatSync(descriptor);
  return found.isFIFO() || found.isSocket();
}

async function aborted(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
