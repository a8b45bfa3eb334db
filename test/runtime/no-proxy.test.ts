import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isExempt } from '../../src/runtime/no-proxy.ts';

const OPENSHIFT =
  '.cluster.local,.svc,10.0.0.0/16,10.128.0.0/14,127.0.0.1,169.254.169.254,172.30.0.0/16,api-int.a.example,localhost';

describe('NO_PROXY', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['http://172.30.12.7:8090', OPENSHIFT, true],
    ['http://172.31.12.7:8090', OPENSHIFT, false],
    ['https://10.131.255.255', OPENSHIFT, true],
    ['https://10.132.0.0', OPENSHIFT, false],
    ['http://collector.kusk-system.svc', OPENSHIFT, true],
    ['http://collector.kusk-system.svc.cluster.local:80', OPENSHIFT, true],
    ['https://api.segment.io', OPENSHIFT, false],

    ['http://10.1.2.3', '10.0.0.0/8', true],
    ['http://11.1.2.3', '10.0.0.0/8', false],
    ['http://10.1.2.3', '10.9.9.9/8', true],
    ['http://10.1.2.3', '0.0.0.0/0', true],
    ['http://10.1.2.3', '10.1.2.3/32', true],
    ['http://10.1.2.4', '10.1.2.3/32', false],
    ['http://10.1.2.3', '10.0.0.0/33', false],
    ['http://10.1.2.3', '10.0.0/8', false],
    ['http://[::ffff:10.1.2.3]', '10.0.0.0/8', true],
    ['http://[fd00::1]', 'fd00::/8', true],
    ['http://[fe00::1]', 'fd00::/8', false],
    ['http://[fd00::1]', 'FD00:0:0::/48', true],
    ['http://[fd00::1]', 'fd00::/129', false],
    ['http://[fd00::1]', '10.0.0.0/8', false],
    ['http://name.example', '0.0.0.0/0,::/0', false],

    ['http://10.1.2.3', '10.1.2.3', true],
    ['http://10.1.2.30', '10.1.2.3', false],
    ['http://10.1.2.3:8080', '10.1.2.3:8080', true],
    ['http://10.1.2.3', '10.1.2.3:80', true],
    ['https://10.1.2.3', '10.1.2.3:443', true],
    ['http://10.1.2.3', '10.1.2.3:8080', false],
    ['http://[fd00::1]', 'fd00::1', true],
    ['http://[fd00::1]', '[fd00::1]', true],
    ['http://[fd00::1]', 'fd00:0:0:0:0:0:0:1', true],
    ['http://[fd00::1]:8080', '[fd00::1]:8080', true],
    ['http://[fd00::1]', '[fd00::1]:8080', false],

    ['http://a.example', 'a.example', true],
    ['http://b.a.example', 'a.example', true],
    ['http://ba.example', 'a.example', false],
    ['http://a.example.com', 'a.example', false],
    ['http://a.example', '.a.example', false],
    ['http://b.a.example', '.a.example', true],
    ['http://a.example', '*.a.example', false],
    ['http://b.a.example', '*.a.example', true],
    ['http://b.a.example:8080', '.a.example:8080', true],
    ['http://b.a.example', '.a.example:8080', false],
    ['http://a.example', 'a.example:80', true],
    ['https://a.example', 'a.example:80', false],
    ['http://A.Example', 'a.EXAMPLE', true],
    ['http://a.example.', 'a.example', true],
    ['http://a.example', 'a.example.', true],
    ['http://bücher.example', 'xn--bcher-kva.example', true],
    ['http://bücher.example', 'BÜCHER.example', true],

    ['http://a.example', '*', true],
    ['http://10.1.2.3', 'b.example, *', true],
    ['http://a.example', '', false],
    ['http://a.example', ' , ,, ', false],
    ['http://a.example', ' b.example ,\ta.example\n', true],
    ['http://a.example', 'b.example a.example', true],
    ['http://a.example', ':80', false],
    ['http://a.example', '.', false],
    ['http://a.example', '[]', false],
    ['http://a.example', 'http://a.example', false],
    ['http://10.1.2.3', '10.*', false],
  ];
  for (const [address, noProxy, exempt] of cases) {
    it(`${exempt ? 'exempts' : 'does not exempt'} ${address}: "${noProxy.slice(0, 60)}"`, () => {
      assert.equal(isExempt(new URL(address), noProxy), exempt);
    });
  }
});
