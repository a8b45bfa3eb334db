import type { RequestOptions } from 'node:https';
import type { Dispatcher } from 'undici';
import type { ProxyAddress } from '../runtime/proxy-settings.ts';

type AgentFor = (tls: RequestOptions, proxy: ProxyAddress | undefined) => Dispatcher;

/** The agents of one connection: the current one, and retired ones with requests in flight. */
export interface AgentPool {
  /** Returns the agent for these credentials and proxy, creating a new one when they change. */
  readonly agentFor: AgentFor;
  /** Stops using an agent. The next request opens new sockets; requests in flight complete. */
  readonly retire: (agent: Dispatcher) => void;
  /** Closes all sockets of all agents. */
  readonly close: () => Promise<void>;
}

export function agentPool(createAgent: AgentFor): AgentPool {
  const all = new Set<Dispatcher>();
  let current: { readonly agent: Dispatcher; readonly key: string } | undefined;

  function retire(agent: Dispatcher): void {
    if (current?.agent === agent) current = undefined;
    agent.close().then(
      () => all.delete(agent),
      // The agent was destroyed in the meantime.
      () => undefined,
    );
  }

  return {
    agentFor(tls, proxy) {
      const { ca, cert, key: privateKey, servername, rejectUnauthorized } = tls;
      const parts = [
        ca,
        cert,
        privateKey,
        servername,
        rejectUnauthorized,
        proxy?.uri,
        proxy?.token,
      ];
      const key = JSON.stringify(parts.map(String));
      if (current?.key === key) return current.agent;
      if (current) retire(current.agent);
      current = { agent: createAgent(tls, proxy), key };
      all.add(current.agent);
      return current.agent;
    },
    retire,
    async close() {
      await Promise.all([...all].map((agent) => agent.destroy()));
    },
  };
}
