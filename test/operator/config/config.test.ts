import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ConfigFile, readConfigFile } from '../../../src/consent/config-file.ts';
import type { Switch } from '../../../src/consent/consent.ts';
import { parseConfig, reportsOptOut } from '../../../src/operator/config/config.ts';
import { optOutSwitch } from '../../../src/operator/config/opt-out.ts';
import { ConfigError } from '../../../src/operator/config/readers.ts';

type Environment = Readonly<Record<string, string>>;

function parse(text: string | undefined, environment: Environment = {}) {
  const file = readConfigFile('kusk.yaml', text === undefined ? 'none' : { text });
  return parseConfig(file, environment);
}

describe('the configuration', () => {
  it('is complete and frozen if nothing is set', () => {
    const config = parse(undefined);
    assert.deepEqual(config, {
      endpoint: new URL('https://api.segment.io'),
      writeKey: undefined,
      deliveryProblems: [],
      logLevel: 'info',
      leaderElection: true,
      metrics: { host: undefined, port: 8080 },
      health: { host: undefined, port: 8081 },
      kubeconfig: undefined,
      podName: undefined,
      namespace: undefined,
    });
    assert.ok(Object.isFrozen(config));
  });

  const cases: readonly (readonly [string, string | undefined, Environment, object])[] = [
    [
      'endpoint and write key are read from the file',
      'analytics: {endpoint: "http://collector.kusk-system/", writeKey: abc}',
      {},
      { endpoint: new URL('http://collector.kusk-system/'), writeKey: 'abc' },
    ],
    [
      'the environment wins over the file',
      'logLevel: warn\nanalytics: {endpoint: "http://a.example", writeKey: a}',
      { LOG_LEVEL: 'debug', ANALYTICS_ENDPOINT: 'http://b.example', ANALYTICS_WRITE_KEY: 'b' },
      { logLevel: 'debug', endpoint: new URL('http://b.example'), writeKey: 'b' },
    ],
    [
      'an empty variable is not set',
      'logLevel: warn\nanalytics: {writeKey: a}',
      { LOG_LEVEL: '', ANALYTICS_WRITE_KEY: '', KUBECONFIG: '', POD_NAME: '', POD_NAMESPACE: '' },
      { logLevel: 'warn', writeKey: 'a', kubeconfig: undefined, podName: undefined },
    ],
    ['an empty write key is none', 'analytics: {writeKey: ""}', {}, { writeKey: undefined }],
    ['null is not set', 'logLevel: null\nanalytics: {endpoint: ~}', {}, { logLevel: 'info' }],
    ['a level is read in any case', 'logLevel: WARN', {}, { logLevel: 'warn' }],
    [
      'leader election is on if it says so',
      undefined,
      { ENABLE_LEADER_ELECTION: 'TRUE' },
      { leaderElection: true },
    ],
    [
      'leader election is off if it says so',
      undefined,
      { ENABLE_LEADER_ELECTION: 'f' },
      { leaderElection: false },
    ],
    [
      'addresses are read as Go reads them',
      undefined,
      { METRICS_BIND_ADDR: '127.0.0.1:9090', HEALTH_PROBE_BIND_ADDR: '[::1]:0' },
      { metrics: { host: '127.0.0.1', port: 9090 }, health: { host: '::1', port: 0 } },
    ],
    [
      'the address 0 is no server',
      undefined,
      { METRICS_BIND_ADDR: '0', HEALTH_PROBE_BIND_ADDR: '0' },
      { metrics: 'none', health: 'none' },
    ],
    [
      'the name and the namespace of the pod come from the environment',
      undefined,
      { KUBECONFIG: '/kube/config', POD_NAME: 'pod-1', POD_NAMESPACE: 'gateways' },
      { kubeconfig: '/kube/config', podName: 'pod-1', namespace: 'gateways' },
    ],
  ];
  for (const [title, text, environment, expected] of cases) {
    it(title, () => {
      const found = { ...parse(text, environment) };
      assert.deepEqual(found, { ...found, ...expected });
    });
  }
});

describe('the opt-out event', () => {
  const reportsIn = (file: ConfigFile, ...optOuts: readonly Switch[]) =>
    reportsOptOut({ file, optOuts, environment: {} });
  const reports = (text: string) => reportsIn(readConfigFile('kusk.yaml', { text }));

  for (const value of ['true', 'yes', '"on"', '1']) {
    it(`is sent if reportOptOut is ${value}`, () => {
      assert.equal(reports(`analytics: {reportOptOut: ${value}}`), true);
    });
  }
  for (const value of ['false', 'no', '"off"', '0', 'null', '""', 'maybe', '[]', '{}', '2']) {
    it(`is not sent if reportOptOut is ${value}`, () => {
      assert.equal(reports(`analytics: {reportOptOut: ${value}}`), false);
    });
  }
  for (const text of ['', 'analytics: {enabled: false}']) {
    it(`is sent if reportOptOut is not set: ${JSON.stringify(text)}`, () => {
      assert.equal(reports(text), true);
    });
  }
  for (const text of [
    'analytics: [',
    'analytics:',
    'analytics: {enabled: false, raportOptOut: no}',
  ]) {
    it(`is not sent if the file is invalid: ${text}`, () => {
      assert.equal(reports(text), false);
    });
  }
  it('is not sent if the file cannot be read, and is sent if there is none', () => {
    assert.equal(reportsIn(readConfigFile('kusk.yaml', { error: 'ENOENT' })), false);
    assert.equal(reportsIn(readConfigFile('', 'none')), true);
  });

  it('is not sent if either the file or the environment prevents it', () => {
    const cases = [
      { text: '', variable: 'false', reported: false },
      { text: '', variable: 'true', reported: true },
      { text: 'analytics: {reportOptOut: false}', variable: 'true', reported: false },
      { text: 'analytics: {reportOptOut: true}', variable: 'perhaps', reported: false },
    ];
    for (const { text, variable, reported } of cases) {
      const file = readConfigFile('kusk.yaml', { text });
      const environment = { ANALYTICS_REPORT_OPT_OUT: variable };
      assert.equal(
        reportsOptOut({ file, optOuts: [], environment }),
        reported,
        `${text}${variable}`,
      );
    }
  });

  const optOuts = [
    { found: { text: 'false' }, reported: true },
    { found: { error: 'ENOENT' }, reported: true },
    { found: { error: 'EACCES' }, reported: false },
  ];
  for (const { found, reported } of optOuts) {
    it(`is${reported ? '' : ' not'} sent if the opt-out file is ${JSON.stringify(found)}`, () => {
      const file = readConfigFile('kusk.yaml', { text: '' });
      assert.equal(reportsIn(file, optOutSwitch('/opt-out/enabled', found)), reported);
    });
  }
});

describe('an invalid setting for sending', () => {
  const cases: readonly (readonly [string | undefined, Environment, string])[] = [
    [
      'analytics: {endpoint: collector}',
      {},
      'analytics.endpoint in kusk.yaml is "collector": write an http:// or https:// URL, such as https://api.segment.io',
    ],
    [
      'analytics: {endpoint: "ftp://collector"}',
      {},
      'analytics.endpoint in kusk.yaml is "ftp://collector": write an http:// or https:// URL, such as https://api.segment.io',
    ],
    [
      'analytics: {endpoint: 5}',
      {},
      'analytics.endpoint in kusk.yaml is of type number: write a text in quotes',
    ],
    [
      undefined,
      { ANALYTICS_ENDPOINT: 'collector:80' },
      'ANALYTICS_ENDPOINT is "collector:80": write an http:// or https:// URL, such as https://api.segment.io',
    ],
    [
      'analytics: {writeKey: 123}',
      {},
      'analytics.writeKey in kusk.yaml is of type number: write a text in quotes',
    ],
    [
      'analytics: {writeKey: [a]}',
      {},
      'analytics.writeKey in kusk.yaml is of type object: write a text in quotes',
    ],
    [
      undefined,
      { HTTPS_PROXY: 'socks5://user:secret@proxy.example' },
      'HTTPS_PROXY must be the address of a proxy, such as http://proxy.example:3128',
    ],
    [
      undefined,
      { ANALYTICS_ENDPOINT: 'user:secret@collector:80' },
      'ANALYTICS_ENDPOINT is "…@collector:80": write an http:// or https:// URL, such as https://api.segment.io',
    ],
    [
      undefined,
      { https_proxy: 'http://me:secret@:x' },
      'HTTPS_PROXY must be the address of a proxy, such as http://proxy.example:3128',
    ],
    [
      undefined,
      { HTTP_PROXY: 'tcp://10.0.0.1:3128' },
      'HTTP_PROXY must be the address of a proxy, such as http://proxy.example:3128',
    ],
    ...['clé', 'two words', 'a\nb', 'x'.repeat(501)].map(
      (key) =>
        [
          undefined,
          { ANALYTICS_WRITE_KEY: key },
          'ANALYTICS_WRITE_KEY is not a valid write key: write the key as the endpoint shows it, up to 500 ASCII letters, digits and signs without spaces',
        ] as const,
    ),
  ];
  for (const [text, environment, problem] of cases) {
    it(`does not end the operator, and is named with what to write: ${text ?? JSON.stringify(environment).slice(0, 80)}`, () => {
      assert.deepEqual(parse(text, environment).deliveryProblems, [problem]);
    });
  }

  const harmless: readonly Environment[] = [
    { HTTPS_PROXY: 'http://user:50%off@proxy.example:3128' },
    { HTTP_PROXY: 'tcp://10.0.0.1:3128', HTTPS_PROXY: 'http://proxy.example' },
    { HTTP_PROXY: 'tcp://10.0.0.1:3128', NO_PROXY: 'api.segment.io' },
    { HTTPS_PROXY: 'tcp://10.0.0.1:3128', ANALYTICS_ENDPOINT: 'http://collector' },
  ];
  for (const environment of harmless) {
    it(`has no effect if it is not used: ${JSON.stringify(environment)}`, () => {
      assert.deepEqual(parse(undefined, environment).deliveryProblems, []);
    });
  }
});

describe('the surroundings of a value', () => {
  const around: readonly (readonly [string, (text: string) => string])[] = [
    ['the newline of echo', (text) => `${text}\n`],
    ['a line end of Windows', (text) => `${text}\r\n`],
    ['blanks', (text) => `  ${text}\t`],
    ['a byte order mark', (text) => `\uFEFF${text}`],
    ['an invisible blank', (text) => `\u00A0${text}\u200B`],
    ['double quotes', (text) => `"${text}"\n`],
    ['single quotes', (text) => ` '${text} '`],
  ];
  for (const [title, wrapped] of around) {
    it(`are ignored: ${title}`, () => {
      const settings = {
        ANALYTICS_WRITE_KEY: wrapped('abc'),
        ANALYTICS_ENDPOINT: wrapped('http://collector.example'),
        KUBECONFIG: wrapped('/kube/config'),
        POD_NAMESPACE: wrapped('gateways'),
        LOG_LEVEL: wrapped('warn'),
        METRICS_BIND_ADDR: wrapped(':9'),
        ENABLE_LEADER_ELECTION: wrapped('false'),
        HTTP_PROXY: wrapped('http://proxy.example'),
      };
      const config = parse(undefined, settings);
      assert.equal(config.writeKey, 'abc');
      assert.equal(config.endpoint?.href, 'http://collector.example/');
      assert.equal(config.kubeconfig, '/kube/config');
      assert.equal(config.namespace, 'gateways');
      assert.equal(config.logLevel, 'warn');
      assert.equal(config.leaderElection, false);
      assert.deepEqual(config.metrics, { host: undefined, port: 9 });
      assert.deepEqual(config.deliveryProblems, []);
      const inFile = { writeKey: wrapped('abc'), endpoint: wrapped('http://collector.example') };
      const file = parse(JSON.stringify({ analytics: inFile }));
      assert.equal(file.writeKey, 'abc');
      assert.equal(file.endpoint?.href, 'http://collector.example/');
    });
  }

  it('leave an empty value, which is not set', () => {
    const { writeKey, endpoint } = parse('analytics: {writeKey: abc}', {
      ANALYTICS_WRITE_KEY: ' \n',
      ANALYTICS_ENDPOINT: '""',
    });
    assert.equal(writeKey, 'abc');
    assert.equal(endpoint?.href, 'https://api.segment.io/');
  });

  it('are part of the value if they are at one end only', () => {
    assert.equal(parse(undefined, { ANALYTICS_WRITE_KEY: '"abc' }).writeKey, '"abc');
  });
});

describe('an invalid value', () => {
  const cases: readonly (readonly [string | undefined, Environment, string])[] = [
    [
      'logLevel: verbose',
      {},
      'logLevel in kusk.yaml is "verbose": write one of trace, debug, info, warn, error',
    ],
    ['logLevel: {}', {}, 'logLevel in kusk.yaml is of type object: write a text in quotes'],
    ['logLevel: true', {}, 'logLevel in kusk.yaml is of type boolean: write a text in quotes'],
    [
      'logLevel: debug',
      { LOG_LEVEL: 'loud' },
      'LOG_LEVEL is "loud": write one of trace, debug, info, warn, error',
    ],
    [
      undefined,
      { ENABLE_LEADER_ELECTION: 'yes' },
      'ENABLE_LEADER_ELECTION is "yes": write true or false',
    ],
    [
      undefined,
      { METRICS_BIND_ADDR: '8080' },
      'METRICS_BIND_ADDR is "8080": write HOST:PORT or :PORT, such as :8080, or 0 for none',
    ],
    [
      undefined,
      { HEALTH_PROBE_BIND_ADDR: ':99999' },
      'HEALTH_PROBE_BIND_ADDR is ":99999": write HOST:PORT or :PORT, such as :8081, or 0 for none',
    ],
  ];
  for (const [text, environment, problem] of cases) {
    it(`is refused with what to write: ${text ?? JSON.stringify(environment)}`, () => {
      assert.throws(() => parse(text, environment), new ConfigError([problem]));
    });
  }

  it('is named along with every other', () => {
    assert.throws(
      () => parse('logLevel: loud', { ENABLE_LEADER_ELECTION: 'y', METRICS_BIND_ADDR: 'x' }),
      (error: Error) => error.message.split('\n').length === 3,
    );
  });

  it('never shows a write key', () => {
    const shown = (text: string) => {
      try {
        return JSON.stringify(parse(text).deliveryProblems);
      } catch (error) {
        return String(error);
      }
    };
    for (const value of ['123456', '[123456]', '{a: 123456}', '"123456', '"123456 é"']) {
      assert.ok(!shown(`analytics: {writeKey: ${value}}`).includes('123456'));
    }
  });
});
