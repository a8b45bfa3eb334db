import { setTimeout as pause } from 'node:timers/promises';

const { URL: url, COLLECTOR_WRITE_KEY, COLLECTOR_READ_KEY } = process.env;
const GIVE_UP_AT = performance.now() + 30_000;
const [writeKey] = COLLECTOR_WRITE_KEY.split(',').map((key) => key.trim());

/** Sends the request until the response is 200. */
async function request(path, options = {}) {
  for (;;) {
    const signal = AbortSignal.timeout(5_000);
    const response = await fetch(`${url}${path}`, { ...options, signal }).catch((error) => error);
    if (response.status === 200) return console.log(`${url}${path} responds`);
    const problem = response.cause?.message ?? response.message ?? `status ${response.status}`;
    if (performance.now() > GIVE_UP_AT) throw new Error(`${url}${path}: ${problem}`);
    await pause(1_000);
  }
}

await request('/readyz');
const basic = Buffer.from(`${writeKey}:`).toString('base64');
const headers = { authorization: `Basic ${basic}` };
await request('/v1/batch', { method: 'POST', headers, body: '{"batch":[]}' });
await request('/v1/numbers', { headers: { authorization: `Bearer ${COLLECTOR_READ_KEY}` } });
