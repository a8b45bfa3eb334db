import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { load } from 'js-yaml';
import { ROOT } from '../../lab/support/root.ts';
import manifest from '../../package.json' with { type: 'json' };

const FOLDER = join(ROOT, '.github/workflows');
const WORKFLOWS = readdirSync(FOLDER).map((name) => {
  const text = readFileSync(join(FOLDER, name), 'utf8');
  return { name, text, workflow: load(text) as Workflow };
});

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly permissions?: unknown;
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly Step[];
}

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

for (const { name, text, workflow } of WORKFLOWS) {
  describe(`the workflow ${name}`, () => {
    const jobs = Object.values(workflow.jobs);
    const steps = jobs.flatMap((job) => job.steps);

    it('pins each action by its commit, with its version beside it', () => {
      const lines = text.split('\n').filter((line) => /\buses: /.test(line));
      assert.ok(lines.length > 0);
      for (const line of lines) assert.match(line, /uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    });

    it('has no rights but those that a job names, and a limit of time', () => {
      assert.deepEqual(workflow.permissions, {});
      for (const job of jobs) {
        assert.equal(typeof job.permissions, 'object');
        assert.equal(typeof job['timeout-minutes'], 'number');
      }
    });

    it('leaves no credentials in the checkout, and puts no expression into a script', () => {
      for (const { uses = '', run = '', with: inputs = {} } of steps) {
        if (uses.startsWith('actions/checkout@'))
          assert.equal(inputs['persist-credentials'], false);
        assert.doesNotMatch(run, /\$\{\{/);
      }
      assert.equal('pull_request_target' in workflow.on, false);
    });

    it('runs only scripts that package.json has', () => {
      const called = steps.flatMap(({ run = '' }) => [...run.matchAll(/\bnpm run (\w+)/g)]);
      for (const [, script = ''] of called) assert.ok(script in manifest.scripts, script);
    });
  });
}
