import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

/** Sends a signal to a process, or to its process group if the id is negative. */
export type Kill = (pid: number, signal: 'SIGKILL') => unknown;

/** The exec plugins of one connection. */
export interface ExecPlugins {
  /** Same as Node's `spawn`, but in a new process group and without standard input. */
  readonly spawn: (
    command: string,
    args: readonly string[] | null | undefined,
    options: SpawnOptions,
  ) => ChildProcess;
  /**
   * Kills all running plugins; with `kill`, their child processes too. They no longer keep this
   * process alive.
   */
  readonly end: () => void;
}

export interface ExecPluginsOptions {
  readonly kill: Kill | undefined;
  /** Called with what a plugin writes to stderr: for a person, who may have to log in. */
  readonly onOutput: ((text: string) => void) | undefined;
}

export function execPlugins({ kill, onOutput }: ExecPluginsOptions): ExecPlugins {
  const running = new Set<ChildProcess>();
  return {
    spawn(command, args, options) {
      const plugin = spawn(command, args ?? [], {
        ...options,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      running.add(plugin);
      plugin.once('close', () => running.delete(plugin));
      if (onOutput) plugin.stderr?.setEncoding('utf8').on('data', onOutput);
      return plugin;
    },
    end() {
      for (const plugin of running) end(plugin, kill);
    },
  };
}

function end(plugin: ChildProcess, kill: Kill | undefined): void {
  plugin.kill('SIGKILL');
  try {
    // A plugin is often a script. Its child processes would survive it.
    if (plugin.pid !== undefined) kill?.(-plugin.pid, 'SIGKILL');
  } catch {
    // The group has already ended.
  }
  plugin.stdout?.destroy();
  plugin.stderr?.destroy();
  plugin.unref();
}
