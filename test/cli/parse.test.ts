import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { CommandTable, RunCommand } from '../../src/cli/command.ts';
import { UsageError } from '../../src/cli/command-error.ts';
import { parseWithCommander } from '../../src/cli/commander.ts';
import { CLUSTER_FLAGS, OUTPUT_FLAG } from '../../src/cli/flags.ts';
import { helpPage } from '../../src/cli/help-page.ts';
import { parseCommandLine } from '../../src/cli/parse.ts';
import { type Invocation, parsePlain } from '../../src/cli/plain.ts';

const run: RunCommand = async () => 0;
const ROW = { examples: [], counted: false, load: async () => ({ run }) } as const;

const TABLE: CommandTable = {
  commands: [
    {
      ...ROW,
      name: 'cluster install',
      summary: 'Install',
      flags: [
        ...CLUSTER_FLAGS,
        { name: 'analytics', value: 'SWITCH', choices: ['on', 'off'], help: 'consent' },
        { name: 'no-wait', help: 'return immediately' },
        { name: 'yes', short: 'y', aliases: ['no-confirm'], help: 'no question' },
        { name: 'port', aliases: ['external-port'], value: 'N', default: '8080', help: 'port' },
      ],
    },
    { ...ROW, name: 'cluster check', summary: 'Check', flags: [OUTPUT_FLAG] },
    {
      ...ROW,
      name: 'completion',
      summary: 'Complete',
      arguments: [{ name: 'SHELL', choices: ['bash', 'zsh'], help: 'shell' }],
      flags: [],
    },
    { ...ROW, name: 'version', summary: 'Version', flags: [OUTPUT_FLAG] },
    {
      ...ROW,
      name: 'help',
      summary: 'Help',
      arguments: [{ name: 'COMMAND', isOptional: true, isRepeated: true, help: 'words' }],
      flags: [],
    },
  ],
  groups: { cluster: 'Clusters' },
  internal: { '--internal-send': ROW.load },
};

const parse = (...args: readonly string[]) =>
  parseCommandLine(args, { table: TABLE, version: '1.2.3' });

async function parsed(...args: readonly string[]) {
  const invocation = await parse(...args);
  assert.ok(typeof invocation === 'object', String(invocation));
  const { command, flags } = invocation;
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  return { name: command.name, flags: Object.fromEntries(given), args: invocation.args };
}

const DEFAULTS = { namespace: 'kusk-system', port: '8080' };

describe('a right command line', () => {
  const install: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ['', {}],
    ['--analytics off', { analytics: 'off' }],
    ['--analytics=off', { analytics: 'off' }],
    ['-n gateways', { namespace: 'gateways' }],
    ['--namespace=gateways --context prod', { namespace: 'gateways', context: 'prod' }],
    ['--namespace=', { namespace: '' }],
    ['--no-wait', { 'no-wait': true }],
    ['-y', { yes: true }],
    ['--no-confirm', { yes: true }],
    ['--external-port 9', { port: '9' }],
    ['--port 1 --external-port 9', { port: '9' }],
    ['--no-color', { 'no-color': true }],
    ['--context a --context b', { context: 'b' }],
  ];
  for (const [line, flags] of install) {
    it(`sets flags: cluster install ${line}`, async () => {
      const words = line === '' ? [] : line.split(' ');
      assert.deepEqual(await parsed('cluster', 'install', ...words), {
        name: 'cluster install',
        flags: { ...DEFAULTS, ...flags },
        args: [],
      });
    });
  }

  it('may have the global flag first', async () => {
    const { flags } = await parsed('--no-color', 'cluster', 'install');
    assert.deepEqual(flags, { ...DEFAULTS, 'no-color': true });
  });

  it('has arguments', async () => {
    assert.deepEqual((await parsed('completion', 'zsh')).args, ['zsh']);
    assert.deepEqual((await parsed('help', 'cluster', 'install')).args, ['cluster', 'install']);
  });

  it('keeps values of flags as they are', async () => {
    const { flags } = await parsed('cluster', 'install', '--context', 'a b\u001b[31m\n');
    assert.equal(flags.context, 'a b\u001b[31m\n');
  });

  it('of an internal process is passed on without being parsed', async () => {
    assert.deepEqual(await parsed('--internal-send', '--help', 'x'), {
      name: '--internal-send',
      flags: {},
      args: ['--help', 'x'],
    });
  });
});

describe('a command line that asks for a text', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', helpPage('', { table: TABLE })],
    ['--help', helpPage('', { table: TABLE })],
    ['-h', helpPage('', { table: TABLE })],
    ['cluster --help', helpPage('cluster', { table: TABLE })],
    ['cluster install -h', helpPage('cluster install', { table: TABLE })],
    ['completion --help', helpPage('completion', { table: TABLE })],
    ['cluster install --analytics off --help', helpPage('cluster install', { table: TABLE })],
    ['--version', 'kusk 1.2.3\n'],
  ];
  for (const [line, text] of cases) {
    it(`returns it: kusk ${line}`, async () => {
      assert.equal(await parse(...line.split(' ').filter((word) => word !== '')), text);
    });
  }
});

describe('a wrong command line', () => {
  const cases: readonly (readonly [args: readonly string[], message: RegExp])[] = [
    [['clutser'], /^unknown command 'clutser'\n\(Did you mean cluster\?\)\nUsage: kusk COMMAND/],
    [['cluster', 'instal'], /^unknown command 'instal'\n\(Did you mean install\?\)\n/],
    [['install'], /^unknown command 'install'\n\(Did you mean cluster install\?\)\n/],
    [['xyzzy'], /^unknown command 'xyzzy'\nCommands: cluster, completion, version, help\n/],
    [['cluster', 'xyzzy'], /\nCommands: install, check\nUsage: kusk cluster COMMAND \[flags\]\n/],
    [['cluster'], /^cluster needs a command: install, check\n/],
    [
      ['cluster', 'install', '--analitics', 'off'],
      /^unknown option '--analitics'\n\(Did you mean --analytics\?\)\nUsage: kusk cluster install \[flags\]\nSee kusk cluster install --help\.$/,
    ],
    [['cluster', 'install', '--analytics', 'maybe'], /Allowed choices are on, off\./],
    [['cluster', 'install', '--analytics'], /argument missing/],
    [['cluster', 'install', 'now'], /too many arguments/],
    [['cluster', 'install', '--no-wiat'], /\(Did you mean --no-wait\?\)/],
    [['completion'], /^missing required argument 'SHELL': one of bash, zsh\n/],
    [['completion', 'csh'], /Allowed choices are bash, zsh\./],
    [['version', '-o'], /argument missing/],
    [['version', '--internal-send'], /^unknown option/],
    [['cluster install'], /^unknown command 'cluster install'\nCommands: cluster, /],
    [['cluster install --analytics off'], /^unknown command 'cluster install --analytics off'\n/],
    [['cluster install', '--analytics', 'off'], /^unknown command 'cluster install'\n/],
    [['constructor'], /^unknown command 'constructor'/],
    [[''], /^unknown command ''/],
  ];
  for (const [args, message] of cases) {
    it(`is refused with what to write instead: kusk ${args.join(' ')}`, async () => {
      await assert.rejects(parse(...args), (error) => {
        assert.ok(error instanceof UsageError);
        assert.equal(error.exitCode, 2);
        assert.match(error.message, message);
        return true;
      });
    });
  }

  it('is quoted without what a terminal would act on', async () => {
    await assert.rejects(parse('a\u001b[31m\nkusk: done\u202e'), (error: Error) => {
      assert.match(error.message, /^unknown command 'a\\u001b\[31m\\nkusk: done\\u202e'\n/);
      return true;
    });
  });
});

describe('the plain parser', () => {
  const words = fc.constantFrom(
    ...['cluster', 'install', 'check', 'completion', 'zsh', 'csh', 'version', 'help', 'x', '', '='],
    ...[
      '--analytics',
      'on',
      'maybe',
      '--analytics=off',
      '--analytics=',
      '--no-wait',
      '--no-wait=1',
    ],
    ...[
      '-n',
      '-nx',
      '-n=x',
      '--namespace',
      '--namespace=a=b',
      '--yes',
      '-y',
      '-yn',
      '--no-confirm',
    ],
    ...[
      '--port',
      '8',
      '--external-port',
      '-o',
      'json',
      '--output=xml',
      '-ojson',
      '--no-color',
      '--',
    ],
    ...['--internal', '--context', '--contex', 'a b', '-1', '--version', '-', '-undefined'],
    ...['cluster install', 'cluster check --output json', 'install --no-wait', 'version x'],
  );
  const starts = fc.constantFrom(
    ...[['cluster', 'install'], ['cluster', 'check'], ['completion'], ['version'], ['help'], []],
  );

  it('returns what commander does, or leaves the command line to it', () => {
    const options = { table: TABLE, version: '1.2.3' };
    const plain = ({ command, flags, args }: Invocation) => ({
      name: command.name,
      flags: Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)),
      args,
    });
    let compared = 0;
    fc.assert(
      fc.property(starts, fc.array(words, { maxLength: 6 }), (start, more) => {
        const line = [...start, ...more];
        const fast = parsePlain(line, TABLE);
        if (!fast) return;
        const slow = parseWithCommander(line, options);
        assert.ok(typeof slow === 'object', String(slow));
        assert.deepEqual(plain(fast), plain(slow));
        compared += 1;
      }),
      { numRuns: 5_000 },
    );
    assert.ok(compared > 300, `${compared} of 5000`);
  });

  it('parses what people write', () => {
    for (const line of [
      'version',
      'version -o json',
      'version --output=yaml --no-color',
      'help cluster check',
      'completion zsh',
      'cluster install --analytics off -n x --no-wait -y',
    ]) {
      assert.ok(parsePlain(line.split(' '), TABLE), line);
    }
  });
});
