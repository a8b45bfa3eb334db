import { parseArgs } from 'node:util';
import { killWithClickHouse, killWithSqlite } from './run.ts';

const USAGE = `Usage: npm run kill -- [--rounds N] [--seed N] [--store sqlite|clickhouse]

Kills collectors at random moments while events are sent, and then looks for what is lost or counted twice.
`;

const STORES = { sqlite: killWithSqlite, clickhouse: killWithClickHouse };

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    store: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (values.help) console.log(USAGE);
else {
  for (const [name, run] of Object.entries(STORES)) {
    if (values.store !== undefined && values.store !== name) continue;
    const { rounds, seed } = values;
    const log = (line: string) => console.log(`${name}: ${line}`);
    const result = await run({ rounds: Number(rounds), seed: Number(seed), log });
    log(JSON.stringify(result));
    if (result.lost > 0 || result.miscounted > 0) process.exitCode = 1;
  }
}
