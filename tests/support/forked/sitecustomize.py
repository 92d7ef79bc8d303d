"""Hands a media or render process over to `tests.support.child_server`, as Python starts.

Beside it, in the folder that PYTHONPATH names, lies the server's socket. Where nobody listens yet,
and for whatever else is started, Python goes on as usual.
"""

import os
import sys

_MODULES = ("bot.media.child.main", "bot.demo.provider.render")


def _hand_over() -> None:
    arguments = sys.orig_argv[1:]
    if len(arguments) < 2 or arguments[0] != "-m" or arguments[1] not in _MODULES:
        return
    # the module `socket` would take a third of the start
    import _socket  # noqa: PLC0415

    server = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        server.connect(os.path.join(os.path.dirname(__file__), "socket"))  # noqa: PTH118, PTH120
    except OSError:
        server.close()
        return
    given = [os.fsencode(each) for each in (os.getcwd(), *arguments[1:])]  # noqa: PTH109
    variables = [name + b"=" + value for name, value in os.environb.items()]
    order = b"\0".join([b"%d" % len(given), *given, *variables])
    streams = b"".join(number.to_bytes(4, sys.byteorder) for number in (0, 1, 2))
    size = len(order).to_bytes(8, "big")
    server.sendmsg([size], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
    server.sendall(order)
    code = server.recv(1)
    if code:
        os._exit(code[0])
    os.kill(os.getpid(), 9)


_hand_over()
