import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { ensureGo } from '../../../lab/control-plane/ensure-go.ts';
import { command } from '../../../lab/support/command.ts';
import type { Needed } from '../../../lab/support/needed.ts';

const COPY_JARS = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** One of Segment's official clients, and the program beside this file that uses it. */
export interface Client {
  readonly title: string;
  /** Programs that must be on the PATH, each with its Debian package. */
  readonly needed: Needed;
  /** Files below this folder that determine the installation. */
  readonly files: readonly string[];
  /** Resolves with an environment that has the toolchain. Rejects if it can't be had. By default our own. */
  readonly environment?: () => Promise<NodeJS.ProcessEnv>;
  /** Prints the version of the toolchain. An installation may not run with another version. */
  readonly version: readonly string[];
  /** Installs into a folder. Rejects if a registry is unreachable or sends unexpected files. */
  readonly install: (into: string, env: NodeJS.ProcessEnv) => Promise<void>;
  /** Returns the command line that runs the program. The collector's URL and key are appended. */
  readonly run: (from: string) => readonly [file: string, ...args: string[]];
  /** An argument that makes the client compress its requests, if it can. */
  readonly gzip?: string;
}

function here(...names: readonly string[]): string {
  return join(import.meta.dirname, ...names);
}

const node: Client = {
  title: 'Node',
  needed: {},
  files: ['node.ts'],
  version: [process.execPath, '--version'],
  install: async () => {},
  run: () => [process.execPath, here('node.ts')],
};

const go: Client = {
  title: 'Go',
  needed: {},
  files: ['go/go.mod', 'go/go.sum', 'go/main.go'],
  environment() {
    const module = { folder: here('go'), goVersion: '1.22' };
    const options = { env: process.env, log: console.log, wanted: ["Segment's Go client"] };
    return ensureGo(module, options);
  },
  version: ['go', 'version'],
  async install(into, env) {
    const args = ['build', '-trimpath', '-buildvcs=false', '-o', join(into, 'client'), '.'];
    const own = { ...env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off' };
    await command('go', args, { cwd: here('go'), env: own });
  },
  run: (from) => [join(from, 'client')],
};

const python: Client = {
  title: 'Python',
  needed: { python3: 'python3-venv' },
  files: ['python/requirements.txt'],
  version: ['python3', '-c', 'import ensurepip, sys, venv; print(sys.version, sys.prefix)'],
  async install(into) {
    await command('python3', ['-m', 'venv', into]);
    const args = ['-m', 'pip', 'install', '--quiet', '--no-input', '--only-binary=:all:'];
    await command(pythonIn(into), [...args, '-r', here('python', 'requirements.txt')]);
  },
  run: (from) => [pythonIn(from), here('python', 'main.py')],
  gzip: 'gzip',
};

const java: Client = {
  title: 'Java',
  needed: { java: 'default-jdk-headless', javac: 'default-jdk-headless', mvn: 'maven' },
  files: ['java/pom.xml', 'java/jars.sha256', 'java/Main.java'],
  version: ['javac', '-version'],
  async install(into) {
    const options = [`-DoutputDirectory=${into}`, '-DincludeScope=runtime'];
    await command('mvn', ['-B', '-q', '-f', here('java', 'pom.xml'), COPY_JARS, ...options]);
    await checkJars(into);
    await command('javac', ['-cp', join(into, '*'), '-d', into, here('java', 'Main.java')]);
  },
  run: (from) => ['java', '-cp', [join(from, '*'), from].join(delimiter), 'Main'],
};

export const CLIENTS: readonly Client[] = [node, go, python, java];

function pythonIn(folder: string): string {
  return join(folder, 'bin', 'python3');
}

/** Rejects if a jar is missing or differs from the pinned one. */
async function checkJars(folder: string): Promise<void> {
  const lines = (await readFile(here('java', 'jars.sha256'), 'utf8')).trim().split('\n');
  for (const line of lines) {
    const [pinned, name = ''] = line.split(/ +/);
    const found = createHash('sha256').update(await readFile(join(folder, name)));
    if (found.digest('hex') !== pinned) throw new Error(`${name} is not the one that was pinned`);
  }
}
