import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { describe, it } from 'node:test';
import { listen } from '../../src/dashboard/listen.ts';

const address = '127.0.0.1';

/** A server that can't use the ports for which `codeOf` returns the code of an error. */
function setup(codeOf: (port: number) => string | undefined) {
  const tried: number[] = [];
  const server = Object.assign(new EventEmitter(), {
    listen({ port }: { readonly port: number }, listening: () => void) {
      tried.push(port);
      const code = codeOf(port);
      if (code === undefined) listening();
      else server.emit('error', Object.assign(new Error('listen'), { code }));
    },
    address: () => ({ port: tried.at(-1) }),
  });
  const listenAt = (port: number) => listen(server as unknown as Server, { address, port });
  return { listenAt, tried };
}

describe('the port of the dashboard', () => {
  for (const code of ['EADDRINUSE', 'EACCES']) {
    it(`is the next one if the first can't be used: ${code}`, async () => {
      const { listenAt } = setup((port) => (port < 8083 ? code : undefined));
      assert.equal(await listenAt(8080), 8083);
    });

    it(`is none if 20 further ones can't be used either: ${code}`, async () => {
      const { listenAt, tried } = setup(() => code);
      await assert.rejects(listenAt(8080), { code });
      assert.deepEqual([tried.length, tried.at(-1)], [21, 8100]);
    });
  }

  it('is no other one if it needs rights', async () => {
    const { listenAt, tried } = setup(() => 'EACCES');
    await assert.rejects(listenAt(80), { code: 'EACCES' });
    assert.deepEqual(tried, [80]);
  });

  it('is no other one if the address is wrong', async () => {
    const { listenAt, tried } = setup(() => 'EADDRNOTAVAIL');
    await assert.rejects(listenAt(8080), { code: 'EADDRNOTAVAIL' });
    assert.deepEqual(tried, [8080]);
  });
});
