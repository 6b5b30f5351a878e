"""A gateway that is killed and devices that go on sending to it."""

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections import Counter

from ecocloud.intake.monitoring.hj212.decoder import Decoder

IN_FLIGHT = 4


def started(folder):
    """A gateway as a process of its own: (process, port)."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ecocloud.cli", "gateway", "--anyone", str(folder), "--listen", "127.0.0.1:0",
         "--metrics", "none"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    return process, int(process.stdout.readline().rsplit(":", 1)[1])


class Station(threading.Thread):
    """Sends its packets, a few at a time, until each is acknowledged, and again what was not when a gateway died.

    pause: seconds between two groups of packets.
    """

    def __init__(self, packets, port_of, pause=0.0):
        super().__init__(daemon=True)
        self.left, self.port_of, self.pause = list(packets), port_of, pause
        self.acknowledged, self.sent, self.astray = [], Counter(), []
        self.done = threading.Event()

    def run(self):
        while self.left and not self.done.is_set():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port_of()), 1) as line:
                line.settimeout(1)
                decoder = Decoder()
                while self.left and not self.done.is_set():
                    flying = self.left[:IN_FLIGHT]
                    line.sendall(b"".join(flying))
                    self.sent.update(flying)
                    answers = []
                    while len(answers) < len(flying):
                        if not (data := line.recv(4096)):
                            raise ConnectionError
                        for answer in decoder.feed(data):
                            answers.append(answer)
                            if answer.qn.encode() not in self.left[0]:  # answers come in the order of the packets
                                self.astray.append(answer)
                            self.acknowledged.append(self.left.pop(0))
                    time.sleep(self.pause)
            time.sleep(0.02)
