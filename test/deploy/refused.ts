import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Lab } from './lab.ts';

const FLEET = { service: { type: 'ClusterIP' } };

/** What is wrong, and the words that the user sees. */
const CASES = [
  {
    title: 'an API without a document',
    kind: 'API',
    spec: { fleet: { name: 'a', namespace: 'b' } },
    told: 'spec.spec: Required value',
  },
  { title: 'an API without a spec', kind: 'API', told: 'spec: Required value' },
  {
    title: 'an API whose document is empty',
    kind: 'API',
    spec: { spec: null },
    told: 'spec.spec: Required value',
  },
  {
    title: 'an API whose document is not a string',
    kind: 'API',
    spec: { spec: { openapi: '3.0.0' } },
    told: 'spec.spec in body must be of type string: "object"',
  },
  {
    title: 'an API whose document is a number',
    kind: 'API',
    spec: { spec: 3 },
    told: 'spec.spec in body must be of type string: "integer"',
  },
  {
    title: 'an API whose fleet is a name',
    kind: 'API',
    spec: { fleet: 'default', spec: '' },
    told: 'spec.fleet in body must be of type object: "string"',
  },
  {
    title: 'a StaticRoute whose hosts are one string',
    kind: 'StaticRoute',
    spec: { hosts: 'localhost' },
    told: 'spec.hosts in body must be of type array: "string"',
  },
  {
    title: 'a StaticRoute to a port that is a name',
    kind: 'StaticRoute',
    spec: { upstream: { service: { name: 'a', namespace: 'b', port: 'http' } } },
    told: 'spec.upstream.service.port in body must be of type integer: "string"',
  },
  {
    title: 'a StaticRoute to a host that is a string',
    kind: 'StaticRoute',
    spec: { upstream: { host: 'httpbin.org' } },
    told: 'spec.upstream.host in body must be of type object: "string"',
  },
  {
    title: 'a StaticRoute whose paths are a list',
    kind: 'StaticRoute',
    spec: { paths: ['/'] },
    told: 'spec.paths in body must be of type object: "array"',
  },
  { title: 'an EnvoyFleet without a spec', kind: 'EnvoyFleet', told: 'spec: Required value' },
  {
    title: 'an EnvoyFleet without a service',
    kind: 'EnvoyFleet',
    spec: { size: 1 },
    told: 'spec.service: Required value',
  },
  {
    title: 'an EnvoyFleet whose service has no type',
    kind: 'EnvoyFleet',
    spec: { service: { ports: [{ port: 80 }] } },
    told: 'spec.service.type: Required value',
  },
  {
    title: 'an EnvoyFleet whose service is of an unknown type',
    kind: 'EnvoyFleet',
    spec: { service: { type: 'Loadbalancer' } },
    told: 'spec.service.type: Unsupported value: "Loadbalancer": supported values: "ClusterIP", "NodePort", "LoadBalancer"',
  },
  {
    title: 'an EnvoyFleet whose size is a string',
    kind: 'EnvoyFleet',
    spec: { ...FLEET, size: 'two' },
    told: 'spec.size in body must be of type integer: "string"',
  },
  {
    title: 'an EnvoyFleet of less than no pods',
    kind: 'EnvoyFleet',
    spec: { ...FLEET, size: -1 },
    told: 'spec.size in body should be greater than or equal to 0',
  },
  {
    title: 'an EnvoyFleet with a quantity that is none',
    kind: 'EnvoyFleet',
    spec: { ...FLEET, resources: { limits: { cpu: 'lots' } } },
    told: 'spec.resources.limits.cpu in body should match',
  },
  {
    title: 'an EnvoyFleet with a quantity that is an object',
    kind: 'EnvoyFleet',
    spec: { ...FLEET, resources: { requests: { cpu: { cores: 1 } } } },
    told: 'spec.resources.requests.cpu',
  },
  {
    title: 'an EnvoyFleet with an access log of an unknown format',
    kind: 'EnvoyFleet',
    spec: { ...FLEET, accesslog: { format: 'xml' } },
    told: `spec.accesslog.format in body should match '^(text|json)$'`,
  },
  {
    title: 'an EnvoyFleet with an annotation that is a number',
    kind: 'EnvoyFleet',
    spec: { ...FLEET, annotations: { port: 9102 } },
    told: 'spec.annotations.port in body must be of type string: "integer"',
  },
];

/** What cannot be meant is refused, naming the field and what is wrong with it. */
export function refusedSuite(lab: Lab): void {
  describe('what is refused', () => {
    for (const { title, kind, spec, told } of CASES) {
      it(title, async () => {
        const manifest = {
          apiVersion: 'gateway.kusk.io/v1alpha1',
          kind,
          metadata: { name: 'bad', namespace: 'default' },
          spec,
        };
        const applied = lab().kubectl(['apply', '--validate=strict', '-f', '-'], {
          input: JSON.stringify(manifest),
        });
        await assert.rejects(applied, (error: Error) => {
          assert.ok(error.message.includes(told), error.message);
          return true;
        });
      });
    }
  });
}
