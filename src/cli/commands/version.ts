import type { RunCommand } from '../command.ts';
import { flagText } from '../flags.ts';
import { writeDocument } from '../output/documents.ts';

/** `kusk version`. */
export const run: RunCommand = async ({ flags, version, stdout }) => {
  await writeDocument(
    { kusk: version },
    { format: flagText(flags, 'output'), terminal: stdout, text: () => `kusk ${version}\n` },
  );
  return 0;
};
