import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { browserObstacle, openBrowser } from '../../src/dashboard/open-browser.ts';

const LISTENING = {
  bound: { address: '127.0.0.1', port: 8080 },
  address: 'http://127.0.0.1:8080/',
  addressWithToken: 'http://127.0.0.1:8080/?token=secret',
};

describe('a browser', () => {
  const cases = [
    { platform: 'linux', environment: { DISPLAY: ':0' }, obstacle: undefined },
    { platform: 'linux', environment: { WAYLAND_DISPLAY: 'wayland-0' }, obstacle: undefined },
    { platform: 'linux', environment: {}, obstacle: 'there is no display' },
    { platform: 'linux', environment: { WSL_DISTRO_NAME: 'Ubuntu' }, obstacle: undefined },
    { platform: 'darwin', environment: {}, obstacle: undefined },
    { platform: 'win32', environment: {}, obstacle: undefined },
    { platform: 'linux', environment: { DISPLAY: ':0', CI: 'true' }, obstacle: 'CI is set' },
    { platform: 'linux', environment: { DISPLAY: ':0', CI: 'drone' }, obstacle: 'CI is set' },
    { platform: 'linux', environment: { DISPLAY: ':0', CI: 'false' }, obstacle: undefined },
    { platform: 'linux', environment: { DISPLAY: ':0', CI: '0' }, obstacle: undefined },
    { platform: 'linux', environment: { DISPLAY: ':0', CI: '' }, obstacle: undefined },
    {
      platform: 'darwin',
      environment: { SSH_CONNECTION: '10.0.0.2 5 10.0.0.1 22' },
      obstacle: 'this is an SSH session',
    },
  ] as const;
  for (const { platform, environment, obstacle } of cases) {
    it(`is ${obstacle === undefined ? 'opened' : 'not opened'} on ${platform} with ${JSON.stringify(environment)}`, () => {
      assert.equal(browserObstacle({ platform, environment }), obstacle);
    });
  }

  it('gets a file that only this user can read, which is removed at the end', async () => {
    const opened = Promise.withResolvers<string>();
    const stop = new AbortController();
    const opening = openBrowser(LISTENING, {
      environment: {},
      platform: 'linux',
      open: async (address) => opened.resolve(address),
      signal: stop.signal,
    });
    const address = await opened.promise;
    assert.doesNotMatch(address, /token|secret/);
    const file = fileURLToPath(address);
    assert.match(readFileSync(file, 'utf8'), /url=http:\/\/127\.0\.0\.1:8080\/\?token=secret"/);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(dirname(file)).mode & 0o777, 0o700);
    stop.abort();
    await opening;
    assert.equal(existsSync(dirname(file)), false);
  });

  it('that cannot be opened leaves nothing behind', async () => {
    let file = '';
    const opening = openBrowser(LISTENING, {
      environment: {},
      platform: 'linux',
      async open(address) {
        file = fileURLToPath(address);
        throw new Error('spawn xdg-open ENOENT');
      },
      signal: new AbortController().signal,
    });
    await assert.rejects(opening);
    assert.equal(existsSync(dirname(file)), false);
  });

  it('of Windows gets the address itself', async () => {
    const opened: string[] = [];
    await openBrowser(LISTENING, {
      environment: { WSL_DISTRO_NAME: 'Ubuntu' },
      platform: 'linux',
      open: async (address) => void opened.push(address),
      signal: new AbortController().signal,
    });
    assert.deepEqual(opened, [LISTENING.addressWithToken]);
  });
});
