"""A name server on loopback that knows some TXT records."""

from __future__ import annotations

import socket
import threading

import dns.message
import dns.rcode
import dns.rrset


class NameServer:
    """Answers by UDP until it is stopped; ``texts`` may change at any time."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def address(self) -> str:
        return "{}:{}".format(*self._socket.getsockname())

    def stop(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                question, asker = self._socket.recvfrom(4096)
            except OSError:
                return
            self._socket.sendto(self._answer(dns.message.from_wire(question)), asker)

    def _answer(self, query: dns.message.Message) -> bytes:
        answer = dns.message.make_response(query)
        name = query.question[0].name
        texts = self.texts.get(name.to_text(omit_final_dot=True), [])
        if texts:
            answer.answer.append(dns.rrset.from_text_list(name, 60, "IN", "TXT", [f'"{text}"' for text in texts]))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer.to_wire()
