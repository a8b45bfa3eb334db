import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KubeConfig } from '@kubernetes/client-node';
import { serverProxy } from '../../src/cluster/server-proxy.ts';
import type { Environment } from '../../src/runtime/environment.ts';

const NAMED = 'https://cluster.invalid:6443';
const HTTPS_PROXY = 'http://proxy.example:3128';
const HTTP_PROXY = 'http://other.example:8080';

function configOf(server: string, proxyUrl?: string) {
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'one', server, skipTLSVerify: false, ...(proxyUrl ? { proxyUrl } : {}) },
    { name: 'one' },
  );
  return config;
}

describe('the proxy of an API server', () => {
  const cases: readonly {
    title: string;
    server?: string;
    proxyUrl?: string;
    kubeconfig?: string | undefined;
    environment?: Environment;
    uri: string | undefined;
  }[] = [
    { title: 'is that of HTTPS_PROXY', environment: { HTTPS_PROXY }, uri: HTTPS_PROXY },
    {
      title: 'is that of HTTP_PROXY for an http: server',
      server: 'http://cluster.invalid:8001',
      environment: { HTTP_PROXY, HTTPS_PROXY },
      uri: HTTP_PROXY,
    },
    {
      title: 'is not that of HTTP_PROXY for an https: server',
      environment: { HTTP_PROXY, http_proxy: HTTP_PROXY },
      uri: undefined,
    },
    { title: 'is none without a variable', environment: {}, uri: undefined },
    ...['socks5://me:secret@proxy.example:1080', ' "SOCKS5H://proxy.example:1080"'].map(
      (socks) => ({
        title: `is none for a SOCKS proxy: ${socks}`,
        environment: { HTTPS_PROXY: socks },
        uri: undefined,
      }),
    ),
    {
      title: 'is that of the name in upper case',
      environment: { https_proxy: HTTP_PROXY, HTTPS_PROXY, no_proxy: '*', NO_PROXY: 'a.example' },
      uri: HTTPS_PROXY,
    },
    {
      title: 'is none for a host of NO_PROXY',
      environment: { HTTPS_PROXY, NO_PROXY: '.example,cluster.invalid' },
      uri: undefined,
    },
    {
      title: 'is none for an address of NO_PROXY',
      server: 'https://10.1.2.3:6443',
      environment: { https_proxy: HTTPS_PROXY, no_proxy: '10.0.0.0/8' },
      uri: undefined,
    },
    ...['localhost', '127.0.0.1', '127.1.2.3', '[::1]'].map((host) => ({
      title: `is none for ${host}`,
      server: `https://${host}:6443`,
      environment: { HTTPS_PROXY },
      uri: undefined,
    })),
    {
      title: 'is that of the kubeconfig first, whatever NO_PROXY says',
      proxyUrl: 'http://me:secret@own.example:1080',
      environment: { HTTPS_PROXY, NO_PROXY: '*' },
      uri: 'http://me:secret@own.example:1080',
    },
    {
      title: 'is none in a pod',
      kubeconfig: undefined,
      environment: { HTTPS_PROXY },
      uri: undefined,
    },
    { title: 'is none for a program that passes no environment', uri: undefined },
  ];
  for (const { title, server = NAMED, environment, proxyUrl, uri, ...rest } of cases) {
    it(title, () => {
      const source = { kubeconfig: 'config', environment, ...rest };
      assert.equal(serverProxy(configOf(server, proxyUrl), source)?.uri, uri);
    });
  }

  it('has the user and password of the variable', () => {
    const environment = { HTTPS_PROXY: 'http://me:p%40ss@proxy.example:3128' };
    const proxy = serverProxy(configOf(NAMED), { kubeconfig: 'config', environment });
    assert.deepEqual(proxy, {
      uri: 'http://proxy.example:3128',
      token: `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
    });
  });

  it('is refused if it is malformed, without its value', () => {
    const environment = { HTTPS_PROXY: 'ftp://me:secret@proxy.example:1080' };
    assert.throws(() => serverProxy(configOf(NAMED), { kubeconfig: 'config', environment }), {
      message: 'HTTPS_PROXY must be the address of a proxy, such as http://proxy.example:3128',
    });
  });
});
