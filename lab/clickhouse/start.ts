import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  type ClickHouseAddress,
  parseClickHouseAddress,
} from '../../src/collector/store/clickhouse/address.ts';
import { installChdb } from './install.ts';

/** A ClickHouse server with a database of its own for each user. */
export interface ClickHouse extends AsyncDisposable {
  /** Returns the address of another database. */
  readonly database: () => ClickHouseAddress & { readonly password: string };
  /** Kills the server as a power cut does, except for what the kernel still writes. */
  readonly kill: () => Promise<void>;
  /** Starts it again with the same data, at the same address. */
  readonly restart: () => Promise<void>;
}

/** Serves the engine. Its arguments are described there. */
export const SERVER = join(import.meta.dirname, 'serve.ts');

/**
 * Starts ClickHouse's real engine in a process of its own. `KUSK_TEST_CLICKHOUSE`, as in
 * `clickhouse://USER@HOST:8123/any` with the password in `KUSK_TEST_CLICKHOUSE_PASSWORD`, uses a server of one's own.
 */
export async function startClickHouse(): Promise<ClickHouse> {
  const { KUSK_TEST_CLICKHOUSE: own, KUSK_TEST_CLICKHOUSE_PASSWORD: password = '' } = process.env;
  if (own !== undefined && own !== '') return ownServer(own, password);
  const installed = await installChdb();
  const folder = await mkdtemp(join(tmpdir(), 'kusk-clickhouse-'));
  let port = '0';
  let server = await start();

  async function start() {
    const child = spawn(process.execPath, [SERVER, installed, join(folder, 'data'), port], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await Promise.race([
      once(createInterface(child.stdout), 'line'),
      once(child, 'exit').then(() => Promise.reject(new Error('ClickHouse does not start.'))),
    ]);
    port = String(line);
    return child;
  }

  async function kill(): Promise<void> {
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  }

  return {
    database: () => ({
      url: `http://127.0.0.1:${port}`,
      user: 'default',
      password: '',
      database: `kusk_${nextDatabase()}`,
    }),
    kill,
    async restart() {
      server = await start();
    },
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

let databases = 0;

function nextDatabase(): string {
  databases += 1;
  return `${process.pid}_${databases}`;
}

function ownServer(address: string, password: string): ClickHouse {
  const cannot = async () => {
    throw new Error('A server of your own is not killed by tests.');
  };
  return {
    database: () => ({
      ...parseClickHouseAddress(address),
      password,
      database: `kusk_${nextDatabase()}`,
    }),
    kill: cannot,
    restart: cannot,
    async [Symbol.asyncDispose]() {},
  };
}
