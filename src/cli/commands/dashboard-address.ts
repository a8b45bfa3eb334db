import { BlockList, isIP } from 'node:net';
import { isTaken, type ListenOptions } from '../../dashboard/listen.ts';
import { messageOf } from '../../runtime/message-of.ts';
import type { CommandContext, Flags } from '../command.ts';
import { CommandError, UsageError } from '../command-error.ts';
import { flagText, isFlagSet } from '../flags.ts';

const HIGHEST_PORT = 65_535;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/** Reads where to serve. Throws a `UsageError` that says what to write instead. */
export function readListenOn(flags: Flags): ListenOptions {
  return { address: readAddress(flags), port: readPort(flags) };
}

/** Returns the address as a browser writes it. */
function readAddress(flags: Flags): string {
  const address = (flagText(flags, 'address') ?? '127.0.0.1').replace(/^\[(.*)\]$/, '$1');
  // Every machine has it, and a name could lead to either family.
  if (address.toLowerCase() === 'localhost') return '127.0.0.1';
  if (isIP(address) === 0) {
    throw new UsageError(`--address ${JSON.stringify(address)} is not an IP address`, {
      advice: 'Write an address of this machine: --address 127.0.0.1',
    });
  }
  return isIP(address) === 6 ? canonicalIpv6(address) : address;
}

/** @see https://url.spec.whatwg.org/#concept-ipv6-serializer */
function canonicalIpv6(address: string): string {
  if (address.includes('%')) {
    throw new UsageError(`--address ${JSON.stringify(address)} has a zone`, {
      advice: 'No browser opens such an address. Write one without a zone: --address ::1',
    });
  }
  const text = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(text) ?? [];
  return high === undefined || low === undefined ? text : ipv4Of(high, low);
}

/** Returns the IPv4 address whose halves are hexadecimal numbers. */
function ipv4Of(...halves: readonly string[]): string {
  const numbers = halves.map((half) => Number.parseInt(half, 16));
  return numbers.flatMap((number) => [number >> 8, number & 255]).join('.');
}

function readPort(flags: Flags): number {
  const text = flagText(flags, 'port') ?? '8080';
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= HIGHEST_PORT) return port;
  throw new UsageError(`--port ${JSON.stringify(text)} is not a port`, {
    advice: `Write a number up to ${HIGHEST_PORT}, or 0 for any free port: --port 8080`,
  });
}

/** Asks before the dashboard is served to other machines. Throws a `CommandError` if that is not wanted. */
export async function confirmAddress(
  { address }: Pick<ListenOptions, 'address'>,
  { flags, stderr, confirm }: Pick<CommandContext, 'flags' | 'stderr' | 'confirm'>,
): Promise<void> {
  if (isLoopback(address)) return;
  stderr.write(
    `${address} can be reached from other machines. The dashboard has no TLS: who reads along in that network\nsees the token, and with it everything that your account may read of Kusk Gateway.\n`,
  );
  if (isFlagSet(flags, 'yes') || (await confirm('Serve it there?'))) return;
  throw new CommandError('nothing was started', {
    advice: 'Leave --address out, and reach it by ssh -L 8080:127.0.0.1:8080 HOST',
  });
}

function isLoopback(address: string): boolean {
  return LOOPBACK.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Returns an error of listening as one for a person. */
export function listenError(error: unknown, { address, port }: ListenOptions): CommandError {
  const { code } = error as NodeJS.ErrnoException;
  const where = `${address} port ${port}`;
  if (isTaken(error, port)) {
    const state = code === 'EADDRINUSE' ? 'in use' : 'reserved by the system';
    return new CommandError(`${where} is ${state}, and so are the next ports`, {
      advice: 'Write another port, or 0 for any free one: --port 0',
      cause: error,
    });
  }
  if (code === 'EACCES') {
    return new CommandError(`you may not serve at ${where}`, {
      advice: 'Write a port above 1023: --port 8080',
      cause: error,
    });
  }
  if (code === 'EADDRNOTAVAIL') {
    return new CommandError(`${address} is not an address of this machine`, {
      advice: 'Write one that it has: --address 127.0.0.1',
      cause: error,
    });
  }
  return new CommandError(`cannot serve at ${where}: ${messageOf(error)}`, { cause: error });
}
