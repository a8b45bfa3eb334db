import { setTimeout as pause } from 'node:timers/promises';

const { READY_URL, METRICS_URL, ANALYTICS_ENABLED } = process.env;
const GIVE_UP_AT = performance.now() + 30_000;

/** Asks until the answer is 200. */
async function ask(url) {
  for (;;) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch((error) => error);
    if (answer.status === 200) return await answer.text();
    const problem = answer.cause?.message ?? answer.message ?? `status ${answer.status}`;
    if (performance.now() > GIVE_UP_AT) throw new Error(`${url}: ${problem}`);
    await pause(1_000);
  }
}

await ask(READY_URL);
console.log(`${READY_URL} is ready`);
if (METRICS_URL) {
  const metrics = await ask(METRICS_URL);
  const [, found] = /^kusk_telemetry_consent (\d)$/m.exec(metrics) ?? [];
  if (found === undefined) throw new Error('there is no kusk_telemetry_consent');
  // Somebody may have opted out since, but what the chart has switched off is never on.
  if (found === '1' && ANALYTICS_ENABLED === 'false') {
    throw new Error('telemetry is on, but ANALYTICS_ENABLED is false');
  }
  console.log(`telemetry is ${found === '1' ? 'on' : 'off'}`);
}
