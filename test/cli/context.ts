import { fakeTime } from '../../lab/support/fake-time.ts';
import type { CommandContext } from '../../src/cli/command.ts';
import type { Terminal } from '../../src/cli/output/terminal.ts';

/** A terminal that records what is written to it. */
export interface RecordingTerminal extends Terminal {
  readonly text: () => string;
}

export function recordingTerminal({
  isTerminal = false,
  columns = 80,
  colors = false,
}: Partial<Omit<Terminal, 'write'>> = {}): RecordingTerminal {
  const written: string[] = [];
  return {
    write: (text) => void written.push(text),
    isTerminal,
    columns,
    colors,
    text: () => written.join(''),
  };
}

/** Returns what a command is run with. It has no terminal, no cluster and no environment. */
export function aContext(parts: Partial<CommandContext> = {}) {
  const stdout = recordingTerminal();
  const stderr = recordingTerminal();
  const context: CommandContext = {
    table: { commands: [], groups: {}, internal: {} },
    flags: {},
    args: [],
    version: '1.2.3',
    environment: {},
    home: '/nonexistent',
    platform: 'linux',
    uid: process.geteuid?.(),
    builtInWriteKey: '',
    stdout,
    stderr,
    confirm: async () => false,
    signal: new AbortController().signal,
    time: fakeTime().time,
    random: () => 0.5,
    randomId: () => 'a'.repeat(64),
    kill: () => true,
    killSelf() {},
    startDetached: () => {},
    favorMemory() {},
    openBrowser: async () => {},
    ...parts,
  };
  return { context, stdout, stderr };
}
