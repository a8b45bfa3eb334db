import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decideConsent } from '../../src/consent/consent.ts';
import {
  decideMachineConsent,
  type MachineFacts,
  machineSwitches,
} from '../../src/consent/machine.ts';

const FACTS: MachineFacts = {
  variables: {},
  stored: { name: 'consent', value: undefined },
  obstacles: [],
  noticeSeen: true,
};

describe('decideMachineConsent', () => {
  const cases: readonly (Partial<MachineFacts> & {
    readonly title: string;
    readonly on?: true;
    readonly decidedBy: string | RegExp;
  })[] = [
    { title: 'is on by default', on: true, decidedBy: 'default: no switch says off' },
    {
      title: 'is on if a switch says on',
      variables: { ANALYTICS_ENABLED: 'yes' },
      on: true,
      decidedBy: 'ANALYTICS_ENABLED is "yes"',
    },
    {
      title: 'is off by the stored switch, whatever the environment says',
      variables: { ANALYTICS_ENABLED: 'true' },
      stored: { name: 'consent', value: 'off' },
      decidedBy: 'consent is "off"',
    },
    {
      title: 'is off by the environment, whatever the stored switch says',
      variables: { ANALYTICS_ENABLED: '0' },
      stored: { name: 'consent', value: 'on' },
      decidedBy: 'ANALYTICS_ENABLED is "0"',
    },
    {
      title: 'is off by DO_NOT_TRACK',
      variables: { DO_NOT_TRACK: 'true', ANALYTICS_ENABLED: 'true' },
      decidedBy: 'DO_NOT_TRACK is "true"',
    },
    {
      title: 'is on with an empty DO_NOT_TRACK',
      variables: { DO_NOT_TRACK: '' },
      on: true,
      decidedBy: /^default/,
    },
    {
      title: 'is off in a job, whatever its name',
      variables: { CI: 'drone' },
      decidedBy: 'CI is "drone"',
    },
    {
      title: 'is on in a job if ANALYTICS_ENABLED says so',
      variables: { CI: 'true', ANALYTICS_ENABLED: 'T' },
      on: true,
      decidedBy: 'ANALYTICS_ENABLED is "T"',
    },
    {
      title: 'is off in a job if the stored switch says on',
      variables: { CI: 'true' },
      stored: { name: 'consent', value: 'on' },
      decidedBy: 'CI is "true"',
    },
    {
      title: 'is on if CI says that this is no job',
      variables: { CI: 'False' },
      on: true,
      decidedBy: /^default/,
    },
    {
      title: 'is off if the stored switch cannot be read',
      stored: { name: 'consent', value: undefined, problem: 'it is a pipe' },
      decidedBy: "consent can't be understood",
    },
    {
      title: 'is off by an obstacle, the first of several',
      obstacles: ['the id is damaged', 'there is no write key'],
      decidedBy: 'the id is damaged',
    },
    {
      title: 'is off by a switch before it is off by an obstacle',
      variables: { ANALYTICS_ENABLED: 'no' },
      obstacles: ['there is no write key'],
      decidedBy: 'ANALYTICS_ENABLED is "no"',
    },
  ];
  for (const { title, on = false, decidedBy, ...facts } of cases) {
    it(title, () => {
      const consent = decideMachineConsent({ ...FACTS, ...facts });
      assert.equal(consent.on, on);
      assert.equal(consent.needsNotice, false);
      if (typeof decidedBy === 'string') assert.equal(consent.decidedBy, decidedBy);
      else assert.match(consent.decidedBy, decidedBy);
    });
  }

  it('needs the notice only if nothing else is in the way', () => {
    const unseen = { ...FACTS, noticeSeen: false };
    const { on, needsNotice, decidedBy } = decideMachineConsent(unseen);
    assert.deepEqual([on, needsNotice], [false, true]);
    assert.match(decidedBy, /^the notice .* has not been shown/);
    assert.equal(decideMachineConsent({ ...unseen, obstacles: ['no'] }).needsNotice, false);
    assert.equal(
      decideMachineConsent({ ...unseen, variables: { DO_NOT_TRACK: '1' } }).needsNotice,
      false,
    );
  });

  it('names every problem', () => {
    const obstacles = ['the id is damaged', 'there is no write key'];
    assert.deepEqual(decideMachineConsent({ ...FACTS, obstacles }).problems, obstacles);
  });
});

describe('machineSwitches', () => {
  it('decide for the operator that this machine installs: a missing notice is no switch', () => {
    assert.equal(decideConsent(machineSwitches({}, FACTS.stored)).on, true);
    assert.equal(decideConsent(machineSwitches({ CI: '1' }, FACTS.stored)).on, false);
  });
});
