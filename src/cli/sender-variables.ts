/**
 * The variables that the detached sender gets, if they are set. It gets nothing else of the user's
 * environment: `NODE_OPTIONS`, for one, could make it load the user's code.
 */
export const SENDER_VARIABLES = [
  'HOME',
  'USERPROFILE',
  'LOCALAPPDATA',
  'XDG_STATE_HOME',
  'PATH',
  'SystemRoot',
  'ANALYTICS_ENABLED',
  'ANALYTICS_ENDPOINT',
  'ANALYTICS_WRITE_KEY',
  'DO_NOT_TRACK',
  'CI',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'NODE_EXTRA_CA_CERTS',
  'NODE_USE_SYSTEM_CA',
  'SSL_CERT_DIR',
  'SSL_CERT_FILE',
] as const;
