import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
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

/** A file in a volume that is optional: its ConfigMap may be created and deleted. */
export interface OptionalSource extends ConfigSource {
  readonly remove: () => void;
}

/** A mounted ConfigMap: kubelet fills a new folder and swaps the symlink `..data` to it. */
export function mountedFile(text: string): ConfigSource {
  const source = optionalFile('kusk.yaml');
  source.write(text);
  return source;
}

/** The volume of a ConfigMap that does not exist yet, and the file that one of its keys will be. */
export function optionalFile(key: string): OptionalSource {
  const folder = mkdtempSync(join(tmpdir(), 'kusk-mount-'));
  const path = join(folder, key);
  let version = 0;

  function swap(fill: (current: string) => void): void {
    const old = `..2026_${version}`;
    version += 1;
    const current = `..2026_${version}`;
    mkdirSync(join(folder, current));
    fill(join(folder, current));
    symlinkSync(current, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    rmSync(join(folder, old), { recursive: true, force: true });
  }

  swap(() => undefined);
  return {
    path,
    write(text) {
      swap((current) => writeFileSync(join(current, key), text));
      if (!readdirSync(folder).includes(key)) symlinkSync(join('..data', key), path);
    },
    remove() {
      swap(() => undefined);
      rmSync(path);
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
