export const HELP = `Receives Kusk Gateway telemetry and tells the seven numbers.

Usage: kusk-collector [flags]

  --listen HOST:PORT    where to listen (default 127.0.0.1:8090; port 0 takes a free one)
  --database FILE       the SQLite file (default ./kusk-collector.db; :memory: keeps nothing)
  --write-key KEY       a key that senders may give; can be repeated
  --read-key KEY        asked of whoever reads the numbers; needed unless it listens on loopback
  --max-requests N      how many requests a second are taken (default 1000)
  --help                print this
  --version             print the version

Environment: COLLECTOR_WRITE_KEY (several with commas between), COLLECTOR_READ_KEY.
`;
