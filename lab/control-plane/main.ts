/**
 * Runs a control plane until it is interrupted, or until its standard input closes if that is a pipe.
 *
 * Prints one line of JSON once it is ready. Arguments: `--audit`, and those after `--` are the API
 * server's.
 */

import { parseArgs } from 'node:util';
import { untilEnded } from '../support/until-ended.ts';
import { startControlPlane } from './start.ts';

const { values, positionals } = parseArgs({
  options: { audit: { type: 'boolean', default: false } },
  allowPositionals: true,
});

await untilEnded(
  (signal) =>
    startControlPlane({
      signal,
      log: (line) => console.error(line),
      audit: values.audit,
      apiserverArgs: positionals,
    }),
  ({ adminKubeconfig: kubeconfig, operatorKubeconfig, server, auditLog }) =>
    console.log(JSON.stringify({ kubeconfig, operatorKubeconfig, server, auditLog })),
);
