import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ensureNeeded } from '../../lab/support/needed.ts';

/** Notes its calls, and "installs" the program that is asked for here. */
const APT_GET = `#!/bin/sh
echo "$1" "$#" >> "$FOLDER/calls"
for last; do :; done
[ "$1" = update ] || echo "$last" >> "$FOLDER/calls"
[ "$1" = update ] || { echo > "$FOLDER/no-such-program"; chmod +x "$FOLDER/no-such-program"; }
`;
const NEEDED = { 'no-such-program': 'its-package' };
const isRoot = process.getuid?.() === 0;

describe('programs of the system', () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kusk-needed-'));
    env = { PATH: folder, FOLDER: folder };
    lines.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are left alone where they are there', async () => {
    const sh = { [process.execPath]: 'nodejs' };
    await ensureNeeded(sh, { env, log });
    assert.deepEqual(lines, []);
  });

  it('are named with their package where they cannot be installed', async () => {
    await assert.rejects(ensureNeeded(NEEDED, { env, log }), {
      message: 'no-such-program is missing. Install it: apt-get install its-package',
    });
  });

  it('are installed by root on a Debian', { skip: !isRoot && 'needs root' }, async () => {
    writeFileSync(join(folder, 'apt-get'), APT_GET.replace('#!/bin/sh', '#!/bin/sh\nPATH=/bin'), {
      mode: 0o755,
    });
    await ensureNeeded(NEEDED, { env, log });
    assert.ok(existsSync(join(folder, 'no-such-program')));
    assert.match(
      readFileSync(join(folder, 'calls'), 'utf8'),
      /^update.*\ninstall.*\nits-package\n$/,
    );
    assert.deepEqual(lines, ['installing its-package for no-such-program']);
  });
});
