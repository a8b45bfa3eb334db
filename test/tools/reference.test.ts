import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { filesIn } from '../../lab/support/files-in.ts';
import { ROOT } from '../../lab/support/root.ts';
import type { Flag } from '../../src/cli/command.ts';
import { COMMAND_TABLE } from '../../src/cli/commands.ts';
import { GLOBAL_FLAGS, HELP_FLAG, VERSION_FLAG } from '../../src/cli/flags.ts';
import { SENDER_VARIABLES } from '../../src/cli/sender-variables.ts';
import { BACKUP_FLAGS, BACKUP_HELP } from '../../src/collector/backup-flags.ts';
import { COLLECTOR_FLAGS } from '../../src/collector/flags.ts';
import { HELP } from '../../src/collector/help.ts';
import { collectorMetrics } from '../../src/collector/metrics.ts';
import { TRANSFER_FLAGS, TRANSFER_HELP } from '../../src/collector/transfer-flags.ts';
import { CATALOGUE } from '../../src/event.ts';
import { OPERATOR_FLAGS, OPERATOR_HELP } from '../../src/operator/config/operator-flags.ts';
import { SETTING_ROWS } from '../../src/operator/config/settings.ts';
import { newHealth } from '../../src/operator/observability/health.ts';
import { metrics } from '../../src/operator/observability/metrics.ts';
import { nameOf, readValues } from '../../tools/chart/values.ts';

const read = (path: string) => readFile(join(ROOT, path), 'utf8');

/** What the operating system needs to start a process. No program of ours reads it. */
const OF_THE_SYSTEM = ['PATH', 'SystemRoot'];

/**
 * Returns whether a line is the row of a table that is about the name: one of its first two cells has
 * nothing but code, and a piece of it begins with the name. A mention in a sentence is not enough.
 */
function isAbout(line: string, name: string): boolean {
  if (!line.startsWith('|')) return false;
  const cells = line.slice(1).split('|').slice(0, 2);
  return cells.some((cell) => {
    const isCode = cell.replaceAll(/`[^`]+`/g, '').replaceAll(/[,/\s]/g, '') === '';
    return isCode && (cell.includes(`\`${name}\``) || cell.includes(`\`${name} `));
  });
}

function missingFrom(page: string, names: readonly string[]): readonly string[] {
  const lines = page.split('\n');
  return names.filter((name) => !lines.some((line) => isAbout(line, name)));
}

/** The names of the metrics in a text for Prometheus. */
function metricsIn(text: string): readonly string[] {
  return [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name);
}

/** The variables of the environment that a source reads by their name. */
function variablesIn(source: string): readonly string[] {
  const read = source.matchAll(/\b(?:env|environment)\??\.([A-Z][A-Z0-9_]*)/g);
  const listed = source.matchAll(/\bread\('([A-Z][A-Z0-9_]*)', environment\)/g);
  const taken = source.matchAll(
    /\{([^{}]*)\}\s*(?:=\s*(?:process\.)?(?:env|environment|variables)\b|:\s*Environment\b)/g,
  );
  const keys = [...taken].flatMap(([, inner = '']) =>
    inner.split(',').map((part) => part.trim().split(/[:\s=]/)[0] ?? ''),
  );
  const names = [...read, ...listed].map(([, name = '']) => name);
  return [...names, ...keys].filter((name) => /^[A-Z][A-Z0-9_]*$/.test(name));
}

async function variablesOf(...rooms: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(rooms.map((room) => filesIn(ROOT, `src/${room}`)));
  const sources = await Promise.all(found.flat().map((path) => readFile(path, 'utf8')));
  return [...new Set(sources.flatMap(variablesIn))];
}

function flagsOf(...tables: readonly object[]): readonly string[] {
  const names = tables.flatMap((table) => Object.keys(table));
  return [...new Set(names)].map((name) => `--${name}`);
}

async function valuesOf(chart: string): Promise<readonly string[]> {
  const values = readValues(await read(`charts/${chart}/values.yaml`));
  return values.filter(({ isLeaf }) => isLeaf).map(nameOf);
}

const kuskFlags: readonly Flag[] = [
  ...COMMAND_TABLE.commands.flatMap(({ flags }) => flags),
  ...GLOBAL_FLAGS,
  HELP_FLAG,
  VERSION_FLAG,
];
const settings = SETTING_ROWS.map(([, row]) => row);

const REFERENCES = [
  { page: 'docs/operator.md', what: 'flag', names: flagsOf(OPERATOR_FLAGS) },
  {
    page: 'docs/collector.md',
    what: 'flag',
    names: flagsOf(COLLECTOR_FLAGS, BACKUP_FLAGS, TRANSFER_FLAGS),
  },
  {
    page: 'docs/cli.md',
    what: 'flag',
    names: kuskFlags.map(({ name, short }) => (short ? `-${short}, --${name}` : `--${name}`)),
  },
  {
    page: 'docs/configuration.md',
    what: 'key and variable',
    names: [
      ...settings
        .flatMap(({ key, variable }) => [key, variable])
        .filter((name) => name !== undefined),
      ...(await variablesOf('operator/**/*.ts', 'deliver/*.ts')),
    ],
  },
  { page: 'docs/collector.md', what: 'variable', names: await variablesOf('collector/**/*.ts') },
  {
    page: 'docs/cli.md',
    what: 'variable',
    names: [
      ...(await variablesOf('{cli,dashboard,consent,deliver}/**/*.ts', 'bin/process-parts.ts')),
      ...SENDER_VARIABLES.filter((name) => !OF_THE_SYSTEM.includes(name)).map((name) =>
        name.toUpperCase(),
      ),
    ],
  },
  {
    page: 'docs/metrics.md',
    what: 'metric',
    names: [
      ...metricsIn(await metrics(newHealth()).metrics()),
      ...metricsIn(await collectorMetrics({ held: () => 0 }).text()),
    ],
  },
  {
    page: 'docs/telemetry.md',
    what: 'event',
    names: CATALOGUE.map(({ source, name }) => `${source}\` / \`${name}`),
  },
  {
    page: 'charts/kusk-gateway/README.md',
    what: 'value',
    names: await valuesOf('kusk-gateway'),
  },
  {
    page: 'charts/kusk-collector/README.md',
    what: 'value',
    names: await valuesOf('kusk-collector'),
  },
] as const;

for (const { page, what, names } of REFERENCES) {
  describe(`${page}, every ${what}`, () => {
    it('has a row', async () => {
      assert.ok(names.length > 0);
      assert.deepEqual(missingFrom(await read(page), names), []);
    });

    it('is missed if its row is removed', async () => {
      const lines = (await read(page)).split('\n');
      for (const name of names) {
        const without = lines.filter((line) => !isAbout(line, name)).join('\n');
        assert.ok(missingFrom(without, names).includes(name), name);
      }
    });
  });
}

describe('--help', () => {
  const helps = [
    { program: 'kusk-gateway', help: OPERATOR_HELP, flags: OPERATOR_FLAGS },
    { program: 'kusk-collector', help: HELP, flags: COLLECTOR_FLAGS },
    { program: 'kusk-collector backup', help: BACKUP_HELP, flags: BACKUP_FLAGS },
    { program: 'kusk-collector export', help: TRANSFER_HELP, flags: TRANSFER_FLAGS },
  ];
  for (const { program, help, flags } of helps) {
    it(`of ${program} has each of its flags`, () => {
      for (const flag of flagsOf(flags)) assert.match(help, new RegExp(`^ .*${flag}\\b`, 'm'));
    });
  }
});

describe('the reading of sources', () => {
  it('finds each way in which a variable is read', () => {
    const cases = [
      'env.ONE ?? environment.TWO',
      'const { ONE: one, TWO = 1 } = environment;',
      "read('ONE', environment) || env.TWO",
      'function f({ ONE: one, TWO }: Environment) {}',
    ];
    for (const source of cases) assert.deepEqual(variablesIn(source).toSorted(), ['ONE', 'TWO']);
  });
});
