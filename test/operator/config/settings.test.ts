import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from '../../../lab/support/root.ts';
import { CONFIG_KEYS, readConfigFile } from '../../../src/consent/config-file.ts';
import { type Config, parseConfig } from '../../../src/operator/config/config.ts';
import { choice, text } from '../../../src/operator/config/readers.ts';
import { SETTING_ROWS, SETTINGS, type Setting } from '../../../src/operator/config/settings.ts';
import { LOG_LEVELS } from '../../../src/runtime/log-level.ts';

const ANALYTICS_KEYS = CONFIG_KEYS.flatMap((key) => key.split('.')[1] ?? []);

const START = { use: 'start', reader: text } as const;

/** Each line below an `@ts-expect-error` must not compile: `npm run check` fails if one does. */
export const mustNotCompile = {
  // @ts-expect-error A row without a description.
  undescribed: { variable: 'A', ...START } satisfies Setting,
  // @ts-expect-error A row with neither a key nor a variable.
  unplaced: { description: 'A.', ...START } satisfies Setting,
  // @ts-expect-error A row without a reader.
  unread: { variable: 'A', description: 'A.', use: 'start' } satisfies Setting,
  // @ts-expect-error A default that is not allowed.
  wrongDefault: () => choice(LOG_LEVELS, 'loud'),
  // @ts-expect-error A setting that is not in the table.
  misspelt: (config: Config) => config.logLevl,
  // @ts-expect-error An invalid endpoint is undefined.
  unchecked: ({ endpoint }: Config) => endpoint.href,
};

describe('the table of settings', () => {
  it('has each key and each variable once', () => {
    const places = SETTING_ROWS.flatMap(([, { key, variable }]) => [key, variable]);
    const set = places.filter((place) => place !== undefined);
    assert.deepEqual(set, [...new Set(set)]);
  });

  it('has each key that the file may have', () => {
    assert.deepEqual(
      new Set(SETTING_ROWS.flatMap(([, { key }]) => key ?? [])),
      new Set(CONFIG_KEYS),
    );
  });

  it('is the list of keys that the file may have', () => {
    const inner = Object.fromEntries(ANALYTICS_KEYS.map((key) => [key, 'true']));
    const text = JSON.stringify({ logLevel: 'info', analytics: inner });
    assert.deepEqual(readConfigFile('kusk.yaml', { text }).problems, []);
  });

  it('is the list of settings that are read', () => {
    const config = parseConfig(readConfigFile('kusk.yaml', 'none'), {});
    const read = SETTING_ROWS.filter(([, { use }]) => use !== 'switch').map(([name]) => name);
    assert.deepEqual(new Set(Object.keys(config)), new Set([...read, 'deliveryProblems']));
  });

  it('has defaults that its own readers accept', () => {
    for (const setting of Object.values(SETTINGS)) {
      if (!('reader' in setting)) continue;
      const { reader } = setting;
      const byDefault = reader.read({ name: 'S', value: undefined });
      if (reader.fallback === undefined) assert.equal(byDefault, undefined);
      else assert.deepEqual(reader.read({ name: 'S', value: reader.fallback }), byDefault);
    }
  });

  it("has the keys of the chart's group analytics, but for existingSecret", async () => {
    const template = join(ROOT, 'charts/kusk-gateway/templates/_analytics.tpl');
    const [, list = ''] = /\$known := list (.*) \}\}/.exec(await readFile(template, 'utf8')) ?? [];
    const known = list.split(' ').map((word) => JSON.parse(word));
    assert.deepEqual(known, [...ANALYTICS_KEYS, 'existingSecret']);
  });

  it('has the keys by which the chart reads config.yaml', async () => {
    const template = join(ROOT, 'charts/kusk-gateway/templates/_consent.tpl');
    const [, list = ''] = /omit \$analytics (.*) \}\}/.exec(await readFile(template, 'utf8')) ?? [];
    const known = list.split(' ').map((word) => JSON.parse(word));
    assert.deepEqual(known, ANALYTICS_KEYS);
  });
});
