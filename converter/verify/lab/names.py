"""A name server for the test network: it knows every name, so that `resolver` in a configuration finds what the tests have for it.

Source: RFC 1035; ip(7) for IP_PKTINFO, without which an answer would come from another address than the one that was asked.
"""

import contextlib
import socket
import struct
import threading

from converter.verify.addresses import address_of

_PKTINFO = 8  # linux/in.h
_ADDRESS, _ANY, _INTERNET = 1, 255, 1
_LIFE = 60  # seconds that an answer may be kept
_HEAD = 12  # octets


def serve(port: int = 53) -> socket.socket:
    """Answers on every address of the calling thread's network until the socket is closed. Raises OSError where the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.setsockopt(socket.IPPROTO_IP, _PKTINFO, 1)
    listener.bind(("0.0.0.0", port))
    threading.Thread(target=_answers, args=(listener,), daemon=True).start()
    return listener


def _answers(listener: socket.socket) -> None:
    while True:
        try:
            question, info, _, asker = listener.recvmsg(4096, socket.CMSG_SPACE(12))
        except OSError:
            return
        reply = answer(question)
        if reply and info:
            index, _, asked = struct.unpack("=I4s4s", info[0][2][:12])
            with contextlib.suppress(OSError):
                own = [(socket.IPPROTO_IP, _PKTINFO, struct.pack("=I4s4s", index, asked, asked))]
                listener.sendmsg([reply], own, 0, asker)


def answer(question: bytes) -> bytes:
    """The message that answers one question: an IPv4 address for every name, nothing for other kinds of records; empty for what is no question."""
    name, end = _name(question)
    if len(question) < end + 4 or not name:
        return b""
    kind, kind_of_net = struct.unpack_from("!HH", question, end)
    found = kind in (_ADDRESS, _ANY) and kind_of_net == _INTERNET
    head = question[:2] + struct.pack("!HHHHH", 0x8580, 1, int(found), 0, 0)
    record = struct.pack("!HHHIH", 0xC000 | _HEAD, _ADDRESS, _INTERNET, _LIFE, 4) + socket.inet_aton(address_of(name)) if found else b""
    return head + question[_HEAD : end + 4] + record


def _name(question: bytes) -> tuple[str, int]:
    """The name that is asked for, and the offset behind it."""
    labels, at = [], _HEAD
    while at < len(question) and (length := question[at]) and length < 64:
        labels.append(question[at + 1 : at + 1 + length].decode("latin-1"))
        at += 1 + length
    return ".".join(labels), at + 1
