import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { command } from '../../lab/support/command.ts';
import { CATALOGUE } from '../../src/event.ts';
import type { Call, Outcomes } from './clients/call.ts';
import { CLIENTS, type Client } from './clients/clients.ts';
import { install, obstacleTo } from './clients/install.ts';
import { aFile, start } from './program.ts';
import { hash, WRITE_KEY } from './setup.ts';

/** Enough for several batches of each client's default size. */
const SUBJECTS = 40;
/** The first run of a client installs it. */
const LIMIT = { timeout: 600_000 };
const OTHER = 'MARKER';

/** Every event of the catalogue, from many senders, each with our own messageId. */
const CATALOGUED: readonly Call[] = CATALOGUE.flatMap(({ source, name }) =>
  Array.from({ length: SUBJECTS }, (_, index): Call => {
    const messageId = `${source}-${name.replaceAll(' ', '-')}-${index}`;
    return { type: 'track', messageId, userId: hash(`${index}`), event: source, name };
  }),
);

/** The same event twice, with messageIds that the client creates. */
const WITH_OWN_IDS: readonly Call[] = Array.from({ length: 2 }, () => {
  return { type: 'track', userId: hash('a'), event: 'kusk-gateway', name: 'heartbeat' };
});

/** The types of calls that are not in the catalogue. */
const FOREIGN = ['identify', 'page', 'screen', 'group', 'alias', 'track'] as const;

interface SetupOptions {
  readonly client: Client;
  readonly more: readonly string[];
}

async function setup(t: TestContext, { client, more }: SetupOptions) {
  const program = await start(t, { file: aFile(t) });
  const [file, ...args] = client.run(await install(client));
  async function send(calls: readonly Call[]): Promise<Outcomes> {
    const input = JSON.stringify(calls);
    return JSON.parse(await command(file, [...args, program.url, WRITE_KEY, ...more], { input }));
  }
  async function received(): Promise<unknown> {
    const numbers = await (await fetch(`${program.url}/v1/numbers`)).json();
    return (numbers as { readonly received: unknown }).received;
  }
  return { ...program, send, received };
}

async function declare(client: Client, ways: readonly string[][]): Promise<void> {
  const skip = (await obstacleTo(client)) ?? false;
  describe(`Segment's ${client.title} client`, { skip }, () => {
    for (const more of ways) {
      const how = more.length > 0 ? `, with ${more.join()}` : '';
      it(`delivers every event of the catalogue once${how}`, LIMIT, async (t) => {
        const { send, received } = await setup(t, { client, more });
        const all = { sent: CATALOGUED.length, failed: 0 };
        assert.deepEqual(await send(CATALOGUED), all);
        assert.deepEqual(await send(CATALOGUED), all);
        assert.deepEqual(await send(WITH_OWN_IDS), { sent: WITH_OWN_IDS.length, failed: 0 });
        assert.deepEqual(await received(), {
          accepted: CATALOGUED.length + WITH_OWN_IDS.length,
          duplicates: CATALOGUED.length,
          refused: {},
        });
      });

      it(
        `reports success for calls outside the catalogue, which are refused${how}`,
        LIMIT,
        async (t) => {
          const { send, received, output } = await setup(t, { client, more });
          const calls = FOREIGN.map((type): Call => {
            return { type, event: OTHER, name: OTHER, userId: hash('a') };
          });
          assert.deepEqual(await send(calls), { sent: calls.length, failed: 0 });
          assert.deepEqual(await received(), {
            accepted: 0,
            duplicates: 0,
            refused: { 'not-a-track': FOREIGN.length - 1, 'unknown-event': 1 },
          });
          assert.match(output.join('\n'), /every event of these requests was refused/);
          assert.doesNotMatch(output.join('\n'), new RegExp(OTHER));
        },
      );
    }
  });
}

for (const client of CLIENTS) {
  await declare(client, client.gzip === undefined ? [[]] : [[], [client.gzip]]);
}
