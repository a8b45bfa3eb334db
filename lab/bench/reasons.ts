/** What each section compares, and what its figures come from, for the page. */
export const REASONS: Readonly<Record<string, string>> = {
  recovery: `The API server is stopped, stays away, and starts again, six times; both programs watch it together. As soon as
its \`/readyz\` is 200 a resource is created. The operator's time ends when the endpoint has acknowledged the event, which
includes 250 ms in which it gathers a batch and up to 300 ms of Segment's SDK; client-go's ends when its handler is called.`,
  sync: `The resources are from a time when telemetry was off, so all are listed and none is told. (Just installed, the
operator lists once, too: what existed at that moment.) "First list to synced" leaves out what each program does
before its first request for resources: for the operator from the arrival of that request at the API server until
\`/readyz\` is 200, for the others by their own clock. client-go runs with its defaults, which is to have the list
streamed (WatchList). When this was measured the operator listed in JSON, in pages of 500; now it lists in protobuf, in
pages of some 16 MiB. Medians of three.

From exec, Node decides: even the bare list, a program of 50 lines, takes 1.57 times as long as client-go. Besides, the operator takes the
lease, opens the ledger and looks up the kinds first, which neither of the others does. Of its first 600 ms
\`--cpu-prof\` shows 289 waiting for the API server, 44 compiling Node's own modules, 36 collecting garbage, 29
parsing the pages, and no other function above 21.`,
  memory: `RSS of Linux: the peak is VmHWM, settled is the median of eight samples of VmRSS over four seconds, taken three
seconds after the operator has told its first creation, so that all that it needs is loaded. The operator runs as in
the image, bundled and with its flags; the bare node process has the same flags.

What the empty operator took, step by step, each the median of two to four runs without any of the later steps:

| step | settled |
|---|--:|
| before | 109 MiB |
| WebAssembly without TurboFan (\`--liftoff-only\`): undici's parser was compiled a second time | 89 MiB |
| without client-node's clients for all of Kubernetes' APIs | 83.5 MiB |
| without undici's WebSockets, caches, mocks and HTTP/2 | 77 MiB |
| without blanks: Node keeps the text of a program | 74 MiB, 79 MiB once TurboFan has run |
| without TurboFan and Maglev at all (\`--no-opt --no-maglev\`) | 71 MiB |

Of what is left, 46 MiB are pages of Node's own binary, and 34 MiB of these the bare process has as well. A heap
snapshot has 18 MiB: 6.7 strings, most of them the text of programs, and 6.1 compiled code.`,
  applied: `A client-side \`kubectl apply\` stores the whole manifest a second time, in the annotation
\`last-applied-configuration\`, which is part of every list of metadata: 1 GB of it here. The operator reads the list
as a stream of protobuf and keeps none of it. The empty operator is measured first, in the same cluster.
The machine was busy with other work (load average 9 to 12), which slows down both programs.`,
  many: `The peak of an operator that lists all resources, which were created while telemetry was off. The operator keeps
only what is new.`,
  burst: `Twenty clients create one resource after the other, of all kinds. Acknowledged is what the endpoint has
accepted; ledger writes are counted from the first creation until three seconds after the last acknowledgement.
The ledger is written at most once a second, so a burst that lasts longer than ten seconds makes more than ten.`,
  rest: `All at the same time, with three watches and a lease of 15 s. One client-go program renews its lease every 5 s, as
the operator does, the other every 2 s, as Kubernetes' own components do by default. Requests are those that the API
server's audit log shows, each program's counted from its own first one, bytes those of the encrypted connections,
both ways. Against the one that renews as often, the operator's one request more is the ledger's: every five minutes
it notes how far the watches have come, so that a restart has little to replay. Before, the operator closed its idle
connection before each renewal, so that each began with a TLS handshake.`,
  start: `An empty cluster; ready is \`/readyz\` 200, after the lease, the ledger and the first lists. Medians of five. The
flags that keep V8's optimizing compilers out of memory cost some 40 ms here: V8 takes the code that Node brings
compiled ahead only with its own flags.`,
  collector: `The collector runs as a bundle, with its database in a file. An honest sender has a key and sends twenty events a batch,
each batch over a connection of its own; its time is from before the connection until the whole response. The slow
connections are another process's: each announces the greatest body, has no key, and sends one byte a second; one that the collector
ends is opened again immediately. "Slowest" is the longest of all. Memory is RSS of Linux: idle is the median of eight samples
after an accepted batch, the peak is VmHWM after three rounds of eight requests without a key, each of the greatest size allowed, in chunks
of one byte.`,
  store: `Events of 100,000 clusters over 400 days: 80 % heartbeats, 19 % creations, 1 % installs, in the order of their times. The collector's store gets
them as batches of 1,000 checked events, each a transaction that is on the disk before it is acknowledged. The bare insert runs one prepared INSERT for each row
into the same table, with the same columns, indexes, transactions and \`synchronous = FULL\`; its rows are bytes and numbers before the time begins. It counts nothing:
no days, no repeats, no outcomes. With ClickHouse both insert 20,000 rows at a time by the official client; the bare one has its rows as objects already, and the CPU time is
that of the client. Both run in processes of their own and take slices of 100,000 events by turns. Then the collector's
store takes 10,000 more events, which SQLite has not counted yet when the seven numbers are read: the first time, and the median of five more, each after one more
event. SQLite's reader adds that event to what it has. ClickHouse counts all events at the first read, and then what has come since.

The machine had no other work. With SQLite the ratio of CPU time grows with the table, from 0.63 after 300,000 events. What is left
is mostly the counting of unique clusters: without it, 300,000 events took 3.8 s of CPU time instead of 5.5 s on a busy machine.

The server of ClickHouse uses about 1 s of CPU time to count 1,000,000 events, at the first read, and 0.2 s to 0.3 s for each read after a new event.`,
  dashboard: `\`kusk dashboard\` as a bundle, on a cluster of 10,000 APIs of 2 KB. A browser that asks for the list while the resources are
still loading gets what there is, and the rest when it is there: "first byte" is that of the first request, sent as soon as the address is
printed, and "slowest whole list" the longest of all requests until the list has everything. Its time is from exec until then, with the list
fetched again and again; \`kubectl get apis\` prints the same list once. The list has fifty rows a page. Memory is
RSS of Linux, three seconds after that. client-go keeps whole objects, the dashboard a row of each. Medians of three.

"RSS over 100000 changes" are those of a day as fast as the API server takes them: of 500 APIs, half are deleted and created again or
changed twice, and a list is read, again and again. A sample after each 500 changes; the median of the first third of them against that of the last.
Before V8 was told to favor memory (\`--optimize-for-size\`), its young generation grew for hours: 163 MiB in the first third, 172 in the last. The same
changes in 24 hours of a simulated clock, with 43,000 reads of the namespace: 99.9 MiB and 99.6, before 126 and 238.`,
  cli: `The time of a whole process, from its start to its end. The commands and \`node -e 0\` run by turns, forty times; the
shortest of each counts, which is the one that other work on the machine disturbed least. "Telemetry" is fifty pairs of the same
counted command, off and on by turns: a later run of the day, which has nothing to send, and a run that starts the
process that sends. That is the first run of a command on a day; what it has counted is removed after it, so that each run is one. The figure is
the median of off, and what the median of the pairs adds. The output goes into a pipe, as in \`kusk cluster install --export | kubectl apply -f -\`.
The machine had no other work but the API server of \`--dry-run\`, which is on the same two processors. A later run of the day meets the target of 5 ms; the first
run of a command on a day, which starts the process that sends, does not.

Where the time goes, in processor time of \`cluster install --export\`, which waits for nothing (medians of 98 pairs): 2.4 ms for a later run, which reads
the state folder, computes a messageId and looks for it; 6.4 ms for a run that sends. Of these, loading \`node:child_process\` takes 0.8 ms,
and 3.2 ms if the output is a file, because then nothing else has loaded \`node:net\`; fork and exec of Node 1.5 ms, during which
the command stands still; lowering the sender's priority 0.3 ms. The sender starts when the command ends, or after a second of a
command that runs for long; immediately, if the sender of an earlier run has left events. When it still started while \`--dry-run\` waited for its API server, it
took their time: 52 ms in the median of 8 runs of 203 ms.

\`kusk cluster check\` looks at each right, object
and CRD of an installation; \`kubectl version\` sends one request.`,
};
