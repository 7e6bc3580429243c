# SPDX-License-Identifier: BSL-1.0
# The other side of the WebSocket tests, by Python's websockets:
#   server PLAIN|DEFLATE [CERTIFICATE KEY]         echoes; prints its port; until it is killed
#   client PLAIN|DEFLATE URL COUNT [AUTHORITY]     sends COUNT messages and compares what comes back
import asyncio
import ssl
import sys

import websockets


def message(i):
    """As in websocket_test.cpp."""
    size = i * 7919 % 300 * (200 if i % 1000 == 999 else 1)
    if i % 2:
        return bytes((i + k * 31) & 255 for k in range(size))
    return str(i) + ":" + "é€x" * size


async def echo(socket, path=None):
    async for got in socket:
        await socket.send(got)


async def serve(compression, certificate=None, key=None):
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
    options = dict(ssl=context, compression=compression, subprotocols=["brio.v1"], max_size=2**24)
    async with websockets.serve(echo, "127.0.0.1", 0, **options) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


async def call(compression, url, count, authority=None):
    context = ssl.create_default_context(cafile=authority) if authority else None
    options = dict(ssl=context, compression=compression, subprotocols=["brio.v1"], max_size=2**24)
    async with websockets.connect(url, **options) as socket:
        assert socket.subprotocol == "brio.v1", socket.subprotocol
        assert [e.name for e in socket.extensions] == (["permessage-deflate"] if compression else []), socket.extensions

        async def send():
            for i in range(count):
                await socket.send(message(i))

        sending = asyncio.create_task(send())
        for i in range(count):
            got = await asyncio.wait_for(socket.recv(), 30)
            assert got == message(i), f"message {i} differs"
        await sending
        await (await socket.ping())
        await socket.close(4321, "enough")
        assert (socket.close_code, socket.close_reason) == (4321, ""), (socket.close_code, socket.close_reason)
    print("all compared")


mode, packing, *rest = sys.argv[1:]
compression = "deflate" if packing == "DEFLATE" else None
if mode == "server":
    asyncio.run(serve(compression, *rest))
else:
    asyncio.run(call(compression, rest[0], int(rest[1]), *rest[2:]))
