/** What `kusk-collector --help` prints, in 80 columns. */
export const HELP = `Receives Kusk Gateway telemetry and serves the seven numbers.

Usage: kusk-collector [flags]
       kusk-collector backup PATH
       kusk-collector export | kusk-collector import

  --listen HOST:PORT   address to listen on (default 127.0.0.1:8090; *:8090
                       listens on all addresses, and port 0 takes a free one)
  --database FILE      SQLite file (default ./kusk-collector.db; :memory: keeps
                       nothing)
  --store ADDRESS      ClickHouse instead of a file, or clickhouses:// for TLS:
                       clickhouse://USER@HOST:8123/DATABASE
  --write-key KEY      key that senders must use; can be repeated
  --read-key KEY       key that readers must use, better of 16 characters;
                       required with --public, and unless --listen is a
                       loopback address
  --public             show the page to everybody: whole months, rounded,
                       without figures below 5
  --max-requests N     requests accepted per second (default 1000)
  --keep-events DAYS   remove single events after so many days; the numbers stay
                       (default: never)
  --help               print this help
  --version            print the version

Environment: COLLECTOR_WRITE_KEY (several, separated by commas),
COLLECTOR_READ_KEY, and, if the flag is not given, COLLECTOR_LISTEN,
COLLECTOR_DATABASE, COLLECTOR_STORE and COLLECTOR_KEEP_EVENTS.
COLLECTOR_STORE_PASSWORD, or the file that COLLECTOR_STORE_PASSWORD_FILE names,
has the password of ClickHouse. LOG_LEVEL is trace, debug, info, warn or error;
debug adds a line for each request.
`;
