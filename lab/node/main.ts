/**
 * Runs a whole node until it is interrupted, or until its standard input closes if that is a pipe.
 *
 * Arguments are archives of images. Prints one line of JSON once pods can run. Only root can.
 */

import { untilEnded } from '../support/until-ended.ts';
import { startNode } from './start.ts';

await untilEnded(
  (signal) =>
    startNode({ images: process.argv.slice(2), log: (line) => console.error(line), signal }),
  ({ kubeconfig, server, address, name, folder, pid }) =>
    console.log(JSON.stringify({ kubeconfig, server, address, name, folder, pid })),
);
