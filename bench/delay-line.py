"""Cables with delay for the lab: one for each host, from a tap device h<N> to a tap device p<N> of this namespace.

Usage: delay-line.py HOSTS DELAY_MS JITTER_MS

Frames from h to p wait for the delay, plus or minus a jitter of even distribution, and stay in their order; frames from p
to h do not wait. Prints "ready" when the devices are there, and ends with its standard input. Needs root and /dev/net/tun.
"""

import collections
import fcntl
import os
import random
import select
import struct
import sys
import time

# linux/if_tun.h
TUNSETIFF = 0x400454CA
TUNSETOFFLOAD = 0x400454D0
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x0002, 0x1000, 0x4000
TUN_F_CSUM, TUN_F_TSO4, TUN_F_TSO6 = 0x01, 0x02, 0x04

# A frame as large as the kernel makes them, and the header that says how it is to be cut up.
FRAME_BYTES_MAX = 65_536 + 64
# What a cable holds; beyond, frames are lost. At 100 Mbit/s a delay of half a second fits.
QUEUE_BYTES_MAX = 8_000_000


def open_tap(name):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI | IFF_VNET_HDR))
    fcntl.ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6)
    return fd


class Cable:
    def __init__(self, number):
        self.host = open_tap(f"h{number}")
        self.port = open_tap(f"p{number}")
        self.waiting = collections.deque()
        self.bytes = 0
        self.last_at = 0.0


def write(fd, frame):
    try:
        os.write(fd, frame)
    except OSError:
        # The device is down or full: a cable loses frames, and TCP sends them again.
        pass


def drain(fd):
    while True:
        try:
            yield os.read(fd, FRAME_BYTES_MAX)
        except OSError:
            return


def main():
    hosts, delay, jitter = int(sys.argv[1]), float(sys.argv[2]) / 1000, float(sys.argv[3]) / 1000
    cables = [Cable(number) for number in range(hosts)]
    poll = select.epoll()
    poll.register(0, select.EPOLLIN | select.EPOLLHUP)
    from_host = {cable.host: cable for cable in cables}
    from_port = {cable.port: cable for cable in cables}
    for fd in [*from_host, *from_port]:
        poll.register(fd, select.EPOLLIN)
    print("ready", flush=True)
    next_at = None
    while True:
        timeout = -1 if next_at is None else max(0.0, next_at - time.monotonic())
        events = poll.poll(timeout)
        now = time.monotonic()
        for fd, _ in events:
            if fd == 0:
                return
            if fd in from_port:
                for frame in drain(fd):
                    write(from_port[fd].host, frame)
                continue
            cable = from_host[fd]
            for frame in drain(fd):
                if cable.bytes + len(frame) > QUEUE_BYTES_MAX:
                    continue
                cable.last_at = max(cable.last_at, now + delay + random.uniform(-jitter, jitter))
                cable.waiting.append((cable.last_at, frame))
                cable.bytes += len(frame)
        next_at = None
        for cable in cables:
            while cable.waiting and cable.waiting[0][0] <= now:
                frame = cable.waiting.popleft()[1]
                cable.bytes -= len(frame)
                write(cable.port, frame)
            if cable.waiting:
                at = cable.waiting[0][0]
                next_at = at if next_at is None else min(next_at, at)


main()
