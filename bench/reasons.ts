/** What each section compares, for the page. */
export const REASONS: Readonly<Record<string, string>> = {
  sync:
    'The resources are from a time when telemetry was off, so all are listed and none is told. (Just installed, the ' +
    'operator lists once, too: what existed at that moment.) "First list to synced" ' +
    'leaves out what each program does before its first request for resources: for the operator from ' +
    'the arrival of that request at the API server until `/readyz` is 200, for the others by their own ' +
    'clock. client-go runs with its defaults, the operator lists in pages of 500. Medians of three. ' +
    'From exec, most of the difference is the start of Node and, before the list, the lease, the ledger and discovery, which ' +
    'neither of the others has.',
  memory:
    'RSS of Linux: the peak is VmHWM, settled is the median of eight samples of VmRSS over four seconds, ' +
    'taken three seconds after ready. The operator runs as in the image: bundled, with ' +
    '`--max-semi-space-size=1 --max-old-space-size=96`; the bare node process has the same flags. ' +
    'With what users store it does not grow; where the memory of the empty operator goes is yet to be profiled.',
  burst:
    'Twenty clients create one resource after the other, of all kinds. Acknowledged is what the receiver has ' +
    'accepted; ledger writes are counted from the first creation until three seconds after the last acknowledgement. ' +
    'The ledger is written at most once a second, so a burst that lasts longer than ten seconds makes more than ten.',
  rest:
    'Both at the same time, with three watches and a lease of 15 s that is renewed every 5 s (the default of ' +
    "client-go is every 2 s). Requests are those that the API server's audit log shows, bytes those of the " +
    'encrypted connections, both ways. With both renewing every 5 s, one request more or less is where the interval ' +
    'was cut. The operator closes its idle connection before each renewal, so that each begins with a TLS ' +
    'handshake: undici keeps one for 4 s; client-go keeps one HTTP/2 connection for all. ' +
    'The run that is shown shared the machine with other work.',
  start:
    'An empty cluster; ready is `/readyz` 200, after the lease, the ledger and the first lists. Medians of five.',
};
