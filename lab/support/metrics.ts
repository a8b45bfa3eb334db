import type { Operator } from './operator.ts';

/** Reads one of the operator's metrics, such as `leader` or `watch_restarts_total{reason="expired"}`. */
export async function metric({ metricsUrl }: Operator, name: string): Promise<number> {
  const text = await (await fetch(metricsUrl)).text();
  const line = text.split('\n').find((line) => line.startsWith(`kusk_telemetry_${name} `));
  return line === undefined ? 0 : Number(line.split(' ').at(-1));
}
