import { randomInt } from 'node:crypto';
import { networkInterfaces } from 'node:os';

/** A cable between this machine and one within it: two addresses that nobody else has. */
export interface Link {
  /** Of its end here, and of the machine's cgroup. */
  readonly name: string;
  readonly outer: string;
  readonly inner: string;
}

/** Networks of four addresses in 198.18.0.0/16, which is set aside for tests of networks (RFC 2544). */
const NETWORKS = 2 ** 14;

/** A link that is free now. */
export function freeLink(): Link {
  for (;;) {
    const link = linkOf(randomInt(NETWORKS));
    if (!isTaken(link)) return link;
  }
}

function linkOf(index: number): Link {
  const start = `198.18.${index >> 6}.`;
  const base = (index % 64) * 4;
  return { name: `kusk-${index}`, outer: `${start}${base + 1}`, inner: `${start}${base + 2}` };
}

function isTaken({ name, outer, inner }: Link): boolean {
  const interfaces = networkInterfaces();
  const addresses = Object.values(interfaces).flatMap((list = []) => list.map((at) => at.address));
  return name in interfaces || addresses.includes(outer) || addresses.includes(inner);
}
