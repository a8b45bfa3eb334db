import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { statePath } from '../../../src/cli/machine/state-folder.ts';
import type { Environment } from '../../../src/runtime/environment.ts';

describe('the path of the state folder', () => {
  const cases: readonly {
    readonly title: string;
    readonly platform: NodeJS.Platform;
    readonly home?: string;
    readonly environment?: Environment;
    readonly expected: string | undefined;
  }[] = [
    { title: 'on Linux', platform: 'linux', expected: '/home/me/.local/state/kusk' },
    { title: 'on FreeBSD', platform: 'freebsd', expected: '/home/me/.local/state/kusk' },
    {
      title: 'on macOS',
      platform: 'darwin',
      home: '/Users/me',
      expected: '/Users/me/Library/Application Support/kusk',
    },
    {
      title: 'on Windows',
      platform: 'win32',
      home: 'C:\\Users\\me',
      environment: { LOCALAPPDATA: 'C:\\Users\\me\\AppData\\Local' },
      expected: 'C:\\Users\\me\\AppData\\Local\\kusk',
    },
    { title: 'on Windows without LOCALAPPDATA', platform: 'win32', expected: undefined },
    {
      title: 'by XDG_STATE_HOME',
      platform: 'linux',
      environment: { XDG_STATE_HOME: '/state' },
      expected: '/state/kusk',
    },
    {
      title: 'by XDG_STATE_HOME on macOS',
      platform: 'darwin',
      environment: { XDG_STATE_HOME: '/state' },
      expected: '/state/kusk',
    },
    {
      title: 'not by a relative XDG_STATE_HOME',
      platform: 'linux',
      environment: { XDG_STATE_HOME: './state' },
      expected: '/home/me/.local/state/kusk',
    },
    {
      title: 'not by an empty XDG_STATE_HOME',
      platform: 'linux',
      environment: { XDG_STATE_HOME: '' },
      expected: '/home/me/.local/state/kusk',
    },
    {
      title: 'by XDG_STATE_HOME without a home',
      platform: 'linux',
      home: '',
      environment: { XDG_STATE_HOME: '/state' },
      expected: '/state/kusk',
    },
    { title: 'nowhere without a home', platform: 'linux', home: '', expected: undefined },
    { title: 'nowhere in a relative home', platform: 'linux', home: 'me', expected: undefined },
  ];
  for (const { title, platform, home = '/home/me', environment = {}, expected } of cases) {
    it(`is found ${title}`, () => {
      assert.equal(statePath({ platform, home, environment, uid: 1 }), expected);
    });
  }
});
