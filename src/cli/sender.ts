/** The first argument of the detached process that sends. */
export const SEND = '__send';
/** Its second argument: what it sends. */
export const SEND_SPOOL = 'spool';
export const SEND_OPT_OUT = 'opt-out';
