import type { RequestOptions } from 'node:https';
import type { Dispatcher } from 'undici';

/** The agents of one connection: the one in use, and those that end with their last request. */
export interface Agents {
  /** The agent for these credentials, which is another one once they have changed. */
  readonly agentFor: (tls: RequestOptions) => Dispatcher;
  /** What is asked next is asked over new sockets. Requests under way are left to end by themselves. */
  readonly leave: (agent: Dispatcher) => void;
  /** Ends all sockets of all agents. */
  readonly close: () => Promise<void>;
}

export function agents(make: (tls: RequestOptions) => Dispatcher): Agents {
  const all = new Set<Dispatcher>();
  let current: { readonly agent: Dispatcher; readonly key: string } | undefined;

  function leave(agent: Dispatcher): void {
    if (current?.agent === agent) current = undefined;
    agent.close().then(
      () => all.delete(agent),
      // It was destroyed meanwhile.
      () => undefined,
    );
  }

  return {
    agentFor(tls) {
      const key = JSON.stringify([tls.ca, tls.cert, tls.key, tls.servername].map(String));
      if (current?.key === key) return current.agent;
      if (current) leave(current.agent);
      current = { agent: make(tls), key };
      all.add(current.agent);
      return current.agent;
    },
    leave,
    async close() {
      await Promise.all([...all].map((agent) => agent.destroy()));
    },
  };
}
