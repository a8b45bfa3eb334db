import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { ensureNeeded, missingOf } from '../../../lab/support/needed.ts';
import { bashCompletion } from '../../../src/cli/completion/bash.ts';
import { fishCompletion } from '../../../src/cli/completion/fish.ts';
import { places } from '../../../src/cli/completion/words.ts';
import { zshCompletion } from '../../../src/cli/completion/zsh.ts';
import { TABLE } from './table.ts';

/** Prints the words of a command line, after what the terminal echoes. */
const SHOW = `kusk() { printf '%s' WORDS; printf '<%s>' "$@"; echo; }`;

interface Shell {
  readonly name: string;
  /** Debian's package. */
  readonly needs: string;
  readonly script: string;
  /** The command that starts it at a terminal, in the folder of the script. */
  readonly command: string;
  /** What is typed before the command line. */
  readonly setUp: readonly string[];
  /** The keys that insert all candidates. */
  readonly keys: string;
}

const SHELLS: readonly Shell[] = [
  {
    name: 'bash',
    needs: 'bash',
    script: bashCompletion(places(TABLE)),
    command: 'bash --norc --noprofile -i',
    setUp: [SHOW, 'source ./completion'],
    keys: '\u001b*',
  },
  {
    name: 'zsh',
    needs: 'zsh',
    script: zshCompletion(places(TABLE)),
    command: 'zsh -f -i',
    setUp: [
      SHOW,
      'source ./completion',
      "zstyle ':completion:*' completer _all_matches _complete",
      "zstyle ':completion:*:all-matches:*' insert true",
    ],
    keys: '\t',
  },
];

/** Command lines at whose end the candidates are inserted, and the words that come of it. */
const LINES: readonly (readonly [line: string, words: readonly string[]])[] = [
  ['kusk cl', ['cluster']],
  ['kusk cluster ', ['cluster', 'install', 'check']],
  ['kusk cluster in', ['cluster', 'install']],
  ['kusk cluster install --an', ['cluster', 'install', '--analytics']],
  ['kusk cluster install --analytics ', ['cluster', 'install', '--analytics', 'on', 'off']],
  ['kusk cluster install --analytics of', ['cluster', 'install', '--analytics', 'off']],
  ['kusk cluster install --analytics=of', ['cluster', 'install', '--analytics=off']],
  ['kusk --no-color cluster ch', ['--no-color', 'cluster', 'check']],
  ['kusk cluster check -n x --out', ['cluster', 'check', '-n', 'x', '--output']],
  ['kusk cluster check -o ', ['cluster', 'check', '-o', 'text', 'json', 'yaml']],
  ['kusk cluster check --kubeconfig kub', ['cluster', 'check', '--kubeconfig', 'kube config']],
  ['kusk completion f', ['completion', 'fish']],
  ['kusk help cluster ch', ['help', 'cluster', 'check']],
];

let folder: string;

const environment = () => ({
  PATH: process.env.PATH ?? '',
  HOME: folder,
  TERM: 'dumb',
  LC_ALL: 'C.UTF-8',
});

/** Why the shell cannot be had here, or `false`. Root on a Debian gets it installed. */
async function missing(needed: Readonly<Record<string, string>>): Promise<string | false> {
  const options = { env: process.env, log: (line: string) => console.error(line) };
  try {
    if ((await missingOf(needed, options)).length > 0) await ensureNeeded(needed, options);
    return false;
  } catch (error) {
    return (error as Error).message;
  }
}

// All are installed before the first test is declared: a file whose tests have ended while it still waits
// for another shell has removed its folder by then.
const atTerminal: { readonly shell: Shell; readonly skip: string | false }[] = [];
for (const shell of SHELLS) {
  const skip = await missing({ script: 'bsdutils', [shell.name]: shell.needs });
  atTerminal.push({ shell, skip });
}
const fishMissing = await missing({ fish: 'fish' });

/** Types lines at the shell's terminal, each ended by Enter, and returns all that it shows. */
async function typed(shell: Shell, lines: readonly string[]): Promise<string> {
  await writeFile(join(folder, 'completion'), shell.script);
  const child = spawn('script', ['-qec', `stty cols 500; ${shell.command}`, '/dev/null'], {
    cwd: folder,
    env: environment(),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end([...shell.setUp, ...lines, 'exit', ''].join('\n'));
  return text(child.stdout);
}

async function output(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, {
    cwd: folder,
    env: environment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return text(child.stdout);
}

describe('the completions', () => {
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kusk-completion-'));
    await writeFile(join(folder, 'kube config'), '');
  });
  after(() => rm(folder, { recursive: true }));

  for (const { shell, skip } of atTerminal) {
    describe(`the completion at a terminal of ${shell.name}`, { skip }, () => {
      let shown: readonly string[];
      before(async () => {
        const all = await typed(
          shell,
          LINES.map(([line]) => line + shell.keys),
        );
        shown = [...all.matchAll(/WORDS((?:<[^\n\r]*>))/g)].map(([, words = '']) => words);
      });

      LINES.forEach(([line, words], index) => {
        it(`completes: ${line}`, () => {
          const found = (shown[index] ?? '').slice(1, -1).split('><');
          assert.deepEqual(new Set(found), new Set(words), shown.join('\n'));
        });
      });
    });
  }

  describe('the completion of fish', { skip: fishMissing }, () => {
    for (const [line, words] of LINES) {
      it(`completes: ${line}`, async () => {
        await writeFile(join(folder, 'completion.fish'), fishCompletion(places(TABLE)));
        const commands = `source ./completion.fish; complete -C '${line}'`;
        const lines = (await output('fish', ['--no-config', '-c', commands])).trimEnd().split('\n');
        const found = lines.map((one) => (one.split('\t')[0] ?? '').replaceAll('\\', ''));
        const expected = words.slice(line.split(' ').length - 2);
        assert.deepEqual(new Set(found), new Set(expected));
      });
    }
  });
});
