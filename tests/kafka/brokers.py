"""Brokers that run as long as a test does, and what stands in their topics, as kcat reads it."""

import subprocess

PATIENCE = 30  # seconds


class Brokers:
    def __init__(self, program, count=3, popen=subprocess.Popen):
        self.popen = popen
        self.process = popen([program, str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addresses = self.process.stdout.readline().strip()
        if not self.addresses:
            raise RuntimeError("no brokers")

    def where(self, topic):
        return "kafka:%s/%s" % (self.addresses, topic)

    def tell(self, command):
        """As broker.c has them."""
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if answer != "ok":
            raise RuntimeError("%s: %s" % (command, answer))

    def messages(self, topic):
        """(key, line) of all that is in the topic."""
        kcat = self.popen(["kcat", "-C", "-b", self.addresses, "-t", topic, "-o", "beginning", "-e", "-q",
                           "-X", "fetch.wait.max.ms=10", "-f", "%k\t%s\n"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        printed = kcat.communicate(timeout=PATIENCE)[0]
        return [tuple(line.split("\t")) for line in printed.splitlines()]

    def lines(self, topic):
        return [line for _, line in self.messages(topic)]

    def close(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self.process.stdout.close()
