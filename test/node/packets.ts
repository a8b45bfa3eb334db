import { POD_BRIDGE } from '../../lab/node/containerd.ts';
import type { WholeNode } from '../../lab/node/start.ts';
import { command } from '../../lab/support/command.ts';

const TABLE = ['inet', 'test-packets'] as const;
const PLACES = ['apiServer', 'names', 'endpoint', 'elsewhere'] as const;

/** How many packets pods have sent of their own accord, by where to. Answers are not counted. */
export type Packets = Readonly<Record<(typeof PLACES)[number], number>>;

export interface PacketCounter {
  readonly read: () => Promise<Packets>;
  readonly reset: () => Promise<void>;
}

/** Counts, in the node's kernel, what pods send; nothing is stopped by it. */
export async function countPackets(
  node: WholeNode,
  { receiverPort }: { readonly receiverPort: number },
): Promise<PacketCounter> {
  async function nft(args: readonly string[], input = '') {
    const [file, ...rest] = node.inside('nft', args);
    return command(file, rest, { input });
  }

  await nft(['-f', '-'], rules(`${node.address} tcp dport ${receiverPort}`));

  async function read() {
    const listed = JSON.parse(await nft(['--json', 'list', 'counters', 'table', ...TABLE]));
    const found: readonly { counter?: { name: string; packets: number } }[] = listed.nftables;
    const counts = found.flatMap(({ counter }) => (counter ? [counter] : []));
    return Object.fromEntries(counts.map(({ name, packets }) => [name, packets])) as Packets;
  }

  async function reset() {
    await nft(['reset', 'counters', 'table', ...TABLE]);
  }

  return { read, reset };
}

/** Before a Service's address is replaced. Neighbours are looked for by the kernel itself. */
function rules(endpoint: string): string {
  return `table ${TABLE.join(' ')} {
  ${PLACES.map((place) => `counter ${place} {}`).join('\n  ')}
  chain sent {
    type filter hook prerouting priority mangle;
    iifname != "${POD_BRIDGE}" return
    ct direction reply return
    meta l4proto ipv6-icmp return
    ip daddr 10.0.0.1 tcp dport 443 counter name apiServer return
    meta l4proto { tcp, udp } th dport 53 counter name names return
    ip daddr ${endpoint} counter name endpoint return
    counter name elsewhere
  }
}
`;
}
