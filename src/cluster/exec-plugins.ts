import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

/** Sends a signal to a process, or to its group where the id is negative. */
export type Kill = (pid: number, signal: 'SIGKILL') => unknown;

/** The exec plugins of one connection. */
export interface ExecPlugins {
  /** As Node's `spawn`, in a process group of its own, without standard input. */
  readonly spawn: (
    command: string,
    args: readonly string[] | null | undefined,
    options: SpawnOptions,
  ) => ChildProcess;
  /** Kills all that run, with `kill` also what they have started. None holds this process any longer. */
  readonly end: () => void;
}

export function execPlugins(kill: Kill | undefined): ExecPlugins {
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
    // A plugin is often a script, and what it waits for would live on.
    if (plugin.pid !== undefined) kill?.(-plugin.pid, 'SIGKILL');
  } catch {
    // The group has just ended by itself.
  }
  plugin.stdout?.destroy();
  plugin.stderr?.destroy();
  plugin.unref();
}
