import type { RequestOptions } from 'node:https';
import type { Dispatcher } from 'undici';

/** The agents of one connection: the one in use, and those that end with their last request. */
export interface Agents {
  /** Returns the agent for these credentials and proxy, creating a new one when they change. */
  readonly agentFor: (tls: RequestOptions, proxy: string | undefined) => Dispatcher;
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
    agentFor(tls, proxy) {
      const { ca, cert, key: privateKey, servername, rejectUnauthorized } = tls;
      const parts = [ca, cert, privateKey, servername, rejectUnauthorized, proxy];
      const key = JSON.stringify(parts.map(String));
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
