"""Sends the calls on standard input by Segment's Python client. Arguments: URL KEY [gzip]."""

import json
import sys

from segment.analytics import Client

url, key = sys.argv[1:3]
failures = []
client = Client(
    key,
    host=url,
    gzip="gzip" in sys.argv[3:],
    on_error=lambda error, items: failures.extend(items),
)


def send(call):
    ids = {"user_id": call["userId"], "anonymous_id": call["userId"]}
    name = call["name"]
    if call["type"] == "track":
        properties = {"event": name}
        message_id = call.get("messageId")
        client.track(event=call["event"], properties=properties, message_id=message_id, **ids)
    elif call["type"] == "identify":
        client.identify(**ids)
    elif call["type"] == "group":
        client.group(group_id=name, **ids)
    elif call["type"] == "alias":
        client.alias(previous_id=name, user_id=call["userId"])
    else:
        getattr(client, call["type"])(name=name, **ids)


calls = json.load(sys.stdin)
for call in calls:
    send(call)
client.flush()
client.join()
print(json.dumps({"sent": len(calls) - len(failures), "failed": len(failures)}))
