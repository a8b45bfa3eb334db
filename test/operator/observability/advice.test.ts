import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decideConsent } from '../../../src/consent/consent.ts';
import { optOutSwitch } from '../../../src/operator/config/opt-out.ts';
import { howToSwitchOff } from '../../../src/operator/observability/advice.ts';

const HELM = 'helm upgrade --reset-then-reuse-values --set analytics.enabled=false';
const OPT_OUT = '/etc/kusk-gateway-opt-out/enabled';
const DEFAULT = decideConsent([]).decidedBy;
const KEY = '/etc/kusk-gateway/ANALYTICS_ENABLED';

describe('howToSwitchOff', () => {
  const cases = [
    {
      title: 'names the ConfigMap if its key is mounted',
      optOutPaths: [KEY, OPT_OUT],
      expected: `kubectl create configmap kusk-gateway-opt-out --namespace gateways --from-literal=enabled=false, or ${HELM}`,
    },
    {
      title: 'names the file if the operator is run by hand, because no ConfigMap is read',
      optOutPaths: ['./opt-out'],
      expected: 'write false into the file ./opt-out, or ANALYTICS_ENABLED=false',
    },
    {
      title: 'names no ConfigMap whose key is not read',
      optOutPaths: [KEY],
      expected: `${HELM}, or ANALYTICS_ENABLED=false`,
    },
    {
      title: 'names no file if none is read',
      optOutPaths: [],
      expected: `${HELM}, or ANALYTICS_ENABLED=false`,
    },
  ];
  for (const { title, optOutPaths, expected } of cases) {
    it(title, () => {
      assert.equal(howToSwitchOff({ namespace: 'gateways', optOutPaths }, DEFAULT), expected);
    });
  }

  it('overwrites the ConfigMap if it exists, by a command that a line in JSON does not escape', () => {
    const optOutPaths = [OPT_OUT, KEY];
    const { decidedBy } = decideConsent(
      optOutPaths.map((path) => optOutSwitch(path, { text: 'true' })),
    );
    const way = howToSwitchOff({ namespace: 'gateways', optOutPaths }, decidedBy);
    assert.equal(
      way,
      `kubectl create configmap kusk-gateway-opt-out --namespace gateways --from-literal=enabled=false --dry-run=client -o yaml | kubectl apply --server-side --force-conflicts -f -, or ${HELM}`,
    );
    assert.equal(JSON.stringify(way), `"${way}"`);
  });
});
