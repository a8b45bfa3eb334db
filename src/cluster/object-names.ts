/**
 * Names of an installation's objects. The chart, `kusk` and other people's tools rely on them. This file
 * imports nothing, so that a command that needs a name loads no Kubernetes client.
 */

/** The Deployment, the Lease, and the ConfigMap with the switches that the chart sets. */
export const MANAGER = 'kusk-gateway-manager';
/** The ConfigMap with what was counted. */
export const LEDGER = 'kusk-gateway-ledger';
/** The ConfigMap that no tool renders, so that an opt-out in it survives every upgrade. */
export const OPT_OUT = 'kusk-gateway-opt-out';
/** The Secret with the write key that a flag or a value sets. */
export const WRITE_KEY_SECRET = 'kusk-gateway-write-key';
