import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type Lab, read } from './lab.ts';
import { keyOf, MANIFESTS, readManifests } from './manifests.ts';

const NAMESPACE = 'shown';

/** The header and one row, without the age at their end. */
const TABLES = [
  {
    args: ['apis', 'named-fleet'],
    shown: [
      ['NAME', 'FLEET'],
      ['named-fleet', 'kusk-gateway-envoy-fleet'],
    ],
  },
  {
    args: ['apis', 'named-fleet', '-o', 'wide'],
    shown: [
      ['NAME', 'FLEET', 'FLEET NAMESPACE'],
      ['named-fleet', 'kusk-gateway-envoy-fleet', 'kusk-system'],
    ],
  },
  {
    args: ['staticroutes', 'service'],
    shown: [
      ['NAME', 'HOSTS', 'SERVICE', 'FLEET'],
      [
        'service',
        '["localhost","*"]',
        'kusk-gateway-dashboard',
        'kusk-gateway-private-envoy-fleet',
      ],
    ],
  },
  {
    args: ['envoyfleets', 'everything'],
    shown: [
      ['NAME', 'DEFAULT', 'SERVICE', 'SIZE'],
      ['everything', 'false', 'LoadBalancer', '3'],
    ],
  },
  {
    args: ['envoyfleets', 'everything', '-o', 'wide'],
    shown: [
      ['NAME', 'DEFAULT', 'SERVICE', 'SIZE', 'IMAGE'],
      ['everything', 'false', 'LoadBalancer', '3', 'envoyproxy/envoy-alpine:v1.20.0'],
    ],
  },
];

/** Each name that a user may type, and the kinds that it stands for. */
const NAMES = [
  { name: 'api', kinds: ['API'] },
  { name: 'kapi', kinds: ['API'] },
  { name: 'staticroute', kinds: ['StaticRoute'] },
  { name: 'kroute', kinds: ['StaticRoute'] },
  { name: 'envoyfleet', kinds: ['EnvoyFleet'] },
  { name: 'kfleet', kinds: ['EnvoyFleet'] },
  { name: 'kusk', kinds: ['API', 'EnvoyFleet', 'StaticRoute'] },
];

/** What `kubectl get` shows, and under which names. */
export function shownSuite(lab: Lab): void {
  describe('what kubectl get shows', () => {
    const get = (args: readonly string[]) => lab().kubectl(['get', '-n', NAMESPACE, ...args]);

    before(async () => {
      await lab().kubectl(['create', 'namespace', NAMESPACE]);
      await lab().kubectl(['apply', '-n', NAMESPACE, '-f', MANIFESTS]);
    });

    for (const { args, shown } of TABLES) {
      it(`the columns of ${args.join(' ')}`, async () => {
        const rows = (await get(args)).trim().split('\n');
        const cells = rows.map((row) => row.split(/ {2,}/).slice(0, -1));
        assert.deepEqual(cells, shown);
      });
    }

    for (const { name, kinds } of NAMES) {
      it(`every ${kinds.join(', ')} as ${name}`, async () => {
        const found = await read(lab, ['-n', NAMESPACE, name]);
        const applied = readManifests().filter(({ object }) => kinds.includes(object.kind));
        assert.deepEqual(
          new Set(found.map(keyOf)),
          new Set(applied.map(({ object }) => keyOf(object))),
        );
      });
    }
  });
}
