import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { filesIn } from '../../lab/support/files-in.ts';
import { ROOT } from '../../lab/support/root.ts';
import { COMMAND_TABLE } from '../../src/cli/commands.ts';
import { OUTPUT_FLAG } from '../../src/cli/flags.ts';
import { COLLECTOR_METRICS } from '../../src/collector/metrics.ts';
import { CATALOGUE } from '../../src/event.ts';
import { SETTING_ROWS } from '../../src/operator/config/settings.ts';
import { METRICS } from '../../src/operator/observability/metrics.ts';
import { DOCUMENTS } from '../../tools/docs/cli-documents.ts';
import { outdated, pages } from '../../tools/docs/pages.ts';
import { table } from '../../tools/docs/table.ts';
import { MARKDOWN } from '../../tools/lint/steps.ts';

const read = (path: string) => readFile(join(ROOT, path), 'utf8');

function pageAt(path: string): string {
  const page = pages().find((candidate) => candidate.path === path);
  assert.ok(page, path);
  return page.text;
}

/** Returns the cells of each row of the page's tables. */
function rowsOf(page: string): readonly (readonly string[])[] {
  const lines = page.split('\n').filter((line) => line.startsWith('| '));
  return lines.map((line) => line.slice(2, -2).split(' | '));
}

describe('the generated pages', () => {
  it('are up to date', async () => {
    const paths = (await outdated(pages(), read)).map(({ path }) => path);
    assert.deepEqual(paths, []);
  });

  for (const { path } of pages()) {
    it(`are outdated if one character differs: ${path}`, async () => {
      const edited = async (one: string) => (one === path ? `${await read(one)} ` : read(one));
      const paths = (await outdated(pages(), edited)).map((page) => page.path);
      assert.deepEqual(paths, [path]);
    });
  }
});

describe('docs/configuration.md', () => {
  it('has one row for each setting', () => {
    const rows = rowsOf(pageAt('docs/configuration.md'));
    for (const [, { key, variable, description }] of SETTING_ROWS) {
      const [keyCell, variableCell] = [key, variable].map((text) => (text ? `\`${text}\`` : ''));
      const found = rows.filter((cells) => cells[0] === keyCell && cells[1] === variableCell);
      assert.equal(found.length, 1, `${key} ${variable}`);
      assert.equal(found[0]?.[2], description);
    }
  });

  it('shows the defaults', () => {
    const page = pageAt('docs/configuration.md');
    assert.match(page, /\| `ANALYTICS_ENDPOINT` \| .* \| `https:\/\/api\.segment\.io` \|$/m);
    assert.match(page, /\| `ENABLE_LEADER_ELECTION` \| .* \| `true` \|$/m);
    assert.match(page, /\| `POD_NAME` \| .* \| generated at start \|$/m);
  });
});

describe('docs/cli.md', () => {
  it('has a section for each command, with its flags', () => {
    const page = pageAt('docs/cli.md');
    for (const { name, flags } of COMMAND_TABLE.commands) {
      const section = page.split(`\n## kusk ${name}\n`)[1]?.split('\n## ')[0] ?? '';
      assert.match(section, new RegExp(`^kusk ${name}\\b.*\\[flags\\]$`, 'm'));
      for (const flag of flags) assert.match(section, new RegExp(`--${flag.name}\\b`));
    }
  });

  it('describes the document of each command that prints one, and of no other', () => {
    const printing = COMMAND_TABLE.commands.filter(({ flags }) =>
      flags.some(({ name }) => name === OUTPUT_FLAG.name),
    );
    assert.deepEqual(new Set(Object.keys(DOCUMENTS)), new Set(printing.map(({ name }) => name)));
  });
});

describe('docs/metrics.md', () => {
  it('has one row for each metric of both programs', () => {
    const rows = rowsOf(pageAt('docs/metrics.md'));
    for (const { name, type, help } of [...METRICS, ...Object.values(COLLECTOR_METRICS)]) {
      const found = rows.filter(([cell]) => cell === `\`${name}\``);
      assert.deepEqual(
        found.map(([, typeCell, , helpCell]) => [typeCell, helpCell]),
        [[type, help]],
      );
    }
  });
});

describe('docs/telemetry.md', () => {
  it('names each event of the catalogue', () => {
    const page = pageAt('docs/telemetry.md');
    for (const { source, name } of CATALOGUE)
      assert.ok(page.includes(`\`${source}\` / \`${name}\``));
  });
});

describe('the commands of all pages', () => {
  it('begin a file that npm installs with ./, because npm reads a/b as a repository of GitHub', async () => {
    const paths = await filesIn(ROOT, MARKDOWN);
    const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
    const installs = [...texts.join('\n').matchAll(/\bnpm install\s[^`\n]*?([^\s`]+\.tgz)/g)];
    assert.ok(installs.length > 0);
    for (const [line, file = ''] of installs)
      assert.doesNotMatch(file, /^[^./][^/]*\/[^/]+$/, line);
  });
});

/** The commands in the blocks of a page, each on one line. */
function commandsOf(page: string): readonly string[] {
  const blocks = [...page.matchAll(/^```(?:sh|console)\n(.*?)^```$/gms)].map(([, text]) => text);
  return blocks
    .join('')
    .replaceAll(/\s*\\\n\s*/g, ' ')
    .split('\n');
}

const INSTALLING = [
  'README.md',
  'docs/install.md',
  'docs/collector.md',
  'charts/kusk-gateway/README.md',
  'charts/kusk-collector/README.md',
];
for (const path of INSTALLING) {
  describe(`the commands of ${path}`, () => {
    it('install an image that somebody has built, as none is published', async () => {
      const commands = commandsOf(await read(path));
      const install = commands.find((line) => /helm .*install |kusk cluster install/.test(line));
      assert.match(install ?? '', /image\.repository=|--image /);
    });

    it('install no release twice, which Helm refuses', async () => {
      const commands = commandsOf(await read(path));
      const installs = commands.filter((line) => line.startsWith('helm install '));
      const releases = installs.map((line) =>
        ['helm install (\\S+)', '--namespace (\\S+)'].map(
          (what) => new RegExp(what).exec(line)?.[1],
        ),
      );
      assert.equal(new Set(releases.map(String)).size, releases.length);
    });
  });
}

describe('the commands of kubectl on all pages', () => {
  it('name the namespace of what they read or restart', async () => {
    const paths = await filesIn(ROOT, '{README.md,{charts,docs}/**/*.md}');
    for (const path of paths) {
      const text = (await readFile(path, 'utf8')).replaceAll(/\s*\\\n\s*/g, ' ');
      for (const [command] of text.matchAll(/\bkubectl (?:logs|rollout|scale|wait) [^`\n|]*/g)) {
        assert.match(command, / (?:--namespace|-n) /, path);
      }
    }
  });
});

describe('a table', () => {
  it('escapes the sign that separates cells', () => {
    assert.equal(table(['a', 'b'], [['x|y', 'z']]), '| a | b |\n|---|---|\n| x\\|y | z |\n');
  });
});
