"""Speaks the protocol to a server over plain sockets, and says in JSON what was refused and what was delivered.

    python3 wire.py HOST PORT < plan.json

Standard input is {"peer": TOKEN, "world": [SUBJECT], "users": [USER]}. The peer is a user without restrictions. Each
USER has

    "token":    its token; a bearer's, so that nothing need be signed here
    "publish":  [SUBJECT], published one after another
    "subscribe": [SUBJECT or "SUBJECT QUEUE"], subscribed to one after another
    "listen":   [SUBJECT or "SUBJECT QUEUE"], each on a connection of its own, while the peer publishes the whole world
    "exchange": [{"subscribe": .., "request": SUBJECT, "reply": SUBJECT, "answers": [SUBJECT]}], each on a connection of
                its own: the peer publishes the request with the reply, then the user publishes the answers

Standard output is a list with an object for each user: "publish" and "subscribe" have true where the server took it;
"listen" has the places in the world of the subjects that were delivered, or null where the subscription was refused;
"exchange" has {"received": bool, "answers": [bool]}, or null where the subscription was refused.

Connections are verbose: the server answers each operation with +OK or -ERR in its turn, so nothing is guessed and
nothing waits for a clock. Anything else than the refusal that belongs to the operation ends the run. No client library
is used, because it would stand between: this must see what the server says.
"""

import json
import socket
import sys


class Connection:
    """One login, until it is closed."""

    def __init__(self, address, token):
        self.socket = socket.create_connection(address, timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = self.socket.makefile("rb")
        self.received = []
        self.expect("INFO ")
        options = {"jwt": token, "verbose": True, "pedantic": False, "echo": False, "protocol": 0}
        self.send([f"CONNECT {json.dumps(options)}"])
        self.expect("+OK")
        self.barrier()

    def send(self, lines):
        self.socket.sendall("".join(line + "\r\n" for line in lines).encode())

    def line(self):
        """The next line that is no message; messages are kept."""
        while True:
            line = self.reader.readline()
            if not line.endswith(b"\n"):
                sys.exit("the server closed the connection")
            text = line.decode().rstrip("\r\n")
            if text.startswith("MSG "):
                self.received.append(text.split(" ")[1])
                self.reader.readline()  # the payload, which is empty
            elif text == "PING":
                self.send(["PONG"])
            else:
                return text

    def expect(self, beginning):
        line = self.line()
        if not line.startswith(beginning):
            sys.exit(f"{beginning} was expected, and the server says {line}")

    def barrier(self):
        """Returns when the server has done all that was sent, and what it has to say to this connection is here."""
        self.send(["PING"])
        self.expect("PONG")

    def tried(self, operations):
        """Which of the operations the server takes: pairs of what to send and the refusal that belongs to it."""
        if not operations:
            return []
        self.send([line for line, _ in operations])
        results = []
        for _, refusal in operations:
            answer = self.line()
            if answer != "+OK" and answer != f"-ERR '{refusal}'":
                sys.exit(f"+OK or {refusal} was expected, and the server says {answer}")
            results.append(answer == "+OK")
        return results

    def publish(self, subjects):
        return self.tried(
            [(f"PUB {subject} 0\r\n", f'Permissions Violation for Publish to "{subject}"') for subject in subjects]
        )

    def request(self, subject, reply):
        self.tried([(f"PUB {subject} {reply} 0\r\n", None)])

    def subscribe(self, subscriptions):
        operations = []
        for sid, subscription in enumerate(subscriptions):
            subject, _, queue = subscription.partition(" ")
            refusal = f'Permissions Violation for Subscription to "{subject}"'
            if queue:
                refusal += f' using queue "{queue}"'
            operations.append((f"SUB {subscription} {sid}", refusal))
        results = self.tried(operations)
        self.sids = [sid for sid, taken in enumerate(results) if taken]
        return results

    def close(self):
        """Leaves nothing behind that could take part in what comes next."""
        self.tried([(f"UNSUB {sid}", None) for sid in getattr(self, "sids", [])])
        self.barrier()
        self.reader.close()
        self.socket.close()


def judge(address, user):
    connection = Connection(address, user["token"])
    result = {"publish": connection.publish(user["publish"]), "subscribe": connection.subscribe(user["subscribe"])}
    connection.close()
    return result


def listen(address, user, peer, world, subscription):
    connection = Connection(address, user["token"])
    result = None
    if connection.subscribe([subscription]) == [True]:
        # The peer's barrier says that the server has handed everything on, the listener's that it has arrived.
        if not all(peer.publish(world)):
            sys.exit("the peer is refused")
        peer.barrier()
        connection.barrier()
        places = {subject: place for place, subject in enumerate(world)}
        result = sorted(places[subject] for subject in connection.received)
    connection.close()
    return result


def exchange(address, user, peer, plan):
    connection = Connection(address, user["token"])
    result = None
    if connection.subscribe([plan["subscribe"]]) == [True]:
        peer.request(plan["request"], plan["reply"])
        peer.barrier()
        connection.barrier()
        received = connection.received == [plan["request"]]
        if connection.received and not received:
            sys.exit(f"{plan['request']} was published, and the user receives {connection.received}")
        result = {"received": received, "answers": connection.publish(plan["answers"])}
    connection.close()
    return result


def main():
    plan = json.load(sys.stdin)
    address = (sys.argv[1], int(sys.argv[2]))
    peer = Connection(address, plan["peer"])
    results = []
    for user in plan["users"]:
        result = judge(address, user)
        result["listen"] = [listen(address, user, peer, plan["world"], one) for one in user["listen"]]
        result["exchange"] = [exchange(address, user, peer, one) for one in user["exchange"]]
        results.append(result)
    json.dump(results, sys.stdout)


main()
