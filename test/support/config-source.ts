import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A configuration file that is changed under a running operator. */
export interface ConfigSource extends Disposable {
  readonly path: string;
  readonly write: (text: string) => void;
}

/** A file that is rewritten in place, as an editor or a script does. */
export function plainFile(text: string): ConfigSource {
  const folder = mkdtempSync(join(tmpdir(), 'kusk-config-'));
  const path = join(folder, 'kusk.yaml');
  writeFileSync(path, text);
  return {
    path,
    write: (changed) => writeFileSync(path, changed),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

/** A mounted ConfigMap: kubelet fills a new folder and swaps the symlink `..data` to it. */
export function mountedFile(text: string): ConfigSource {
  const folder = mkdtempSync(join(tmpdir(), 'kusk-mount-'));
  let version = 0;

  function write(changed: string): void {
    const old = `..2026_${version}`;
    version += 1;
    const current = `..2026_${version}`;
    mkdirSync(join(folder, current));
    writeFileSync(join(folder, current, 'kusk.yaml'), changed);
    symlinkSync(current, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    rmSync(join(folder, old), { recursive: true, force: true });
  }

  write(text);
  symlinkSync(join('..data', 'kusk.yaml'), join(folder, 'kusk.yaml'));
  return {
    path: join(folder, 'kusk.yaml'),
    write,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
