import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

/**
 * Declares the tests of several files. The first of them starts once all files are loaded. A file that can't
 * be loaded is a test that fails, named by its path, and the others run.
 */
export function loadBatch(urls: readonly string[]): void {
  async function loadAll(): Promise<void> {
    for (const url of urls) {
      await import(url).catch((error) => {
        // Not awaited: it does not start before all are loaded.
        void test(fileURLToPath(url), () => Promise.reject(error));
      });
    }
  }

  const loaded = loadAll();
  before(() => loaded);
}
