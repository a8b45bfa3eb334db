import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { ensure } from '../../lab/control-plane/ensure.ts';
import { filesIn } from '../../lab/support/files-in.ts';
import { ROOT } from '../../lab/support/root.ts';
import { type Ran, run } from '../../lab/support/run.ts';
import { brokenLinks } from './links.ts';
import type { Step, Unavailable } from './perform-step.ts';
import { pipPrograms } from './pip-programs.ts';

/** All pages that somebody has written or that are generated. */
export const MARKDOWN = '{*.md,{.github,charts,deploy,docs,lab,src,test,tools}/**/*.md}';

/** The checks of workflows, Dockerfile, words and links. They need no network once their programs are installed. */
export const LINT_STEPS: readonly Step[] = [
  { title: 'workflows: actionlint', perform: actionlint },
  // Its rules that need GitHub's API are left out.
  pipStep('workflows: zizmor', 'zizmor', ['--offline', '--quiet', '--color=never', '.github']),
  pipStep('Dockerfile: hadolint', 'hadolint', ['--no-color', 'Dockerfile']),
  // A copy without .git has no ignored files, so they are named here.
  pipStep('spelling: typos', 'typos', [
    ...['--hidden', '--color=never'],
    ...['.git', 'node_modules', 'dist'].map((name) => `--exclude=${name}`),
  ]),
  { title: 'links in Markdown', perform: links },
];

/** All steps that need it wait for the same installation. */
let installed: Promise<string> | undefined;

function pipStep(title: string, name: string, args: readonly string[]): Step {
  return {
    title,
    async perform() {
      installed ??= pipPrograms({ log: console.log });
      const folder = await installed.catch(asUnavailable);
      return typeof folder === 'string' ? await run(join(folder, name), args) : folder;
    },
  };
}

async function actionlint(): Promise<Ran | Unavailable> {
  const options = { env: process.env, log: console.log };
  const found = await ensure(['actionlint'], options).catch(asUnavailable);
  if ('unavailable' in found) return found;
  // Another machine has another shellcheck and pyflakes, or none.
  return await run(found.actionlint, ['-shellcheck=', '-pyflakes=']);
}

function asUnavailable(error: Error): Unavailable {
  return { unavailable: error.message };
}

async function links(): Promise<Ran> {
  const paths = await filesIn(ROOT, MARKDOWN);
  const files = await Promise.all(
    paths.map(async (path) => ({
      path: relative(ROOT, path),
      text: await readFile(path, 'utf8'),
    })),
  );
  const broken = brokenLinks(files, { exists: (path) => existsSync(join(ROOT, path)) });
  return { code: broken.length === 0 ? 0 : 1, output: broken.join('\n') };
}
