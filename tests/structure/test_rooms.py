#!/usr/bin/env python3
"""rooms.py finds what is planted: a test that cannot fail tells nothing."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
import rooms  # noqa: E402

GUARDED = "#ifndef ENIFLOW_{0}_H\n#define ENIFLOW_{0}_H\n{1}\n#endif\n"


class Planted(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for name in rooms.RULES:
            self.plant(name + "/good.h", GUARDED.format(name.upper() + "_GOOD", "#include <stdint.h>"))
            self.plant(name + "/good.c", '#include "%s/good.h"\n' % name)
        self.plant("cli/main.c", '#include "capture/good.h"\n#include <ini.h>\n')

    def plant(self, name, text):
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def assert_fault(self, words):
        found = list(rooms.faults(self.root))
        self.assertEqual(len(found), 1, found)
        self.assertIn(words, found[0])

    def test_a_good_tree_has_no_fault(self):
        self.assertEqual(list(rooms.faults(self.root)), [])

    def test_every_wrong_arrow(self):
        for room, (allowed, _) in rooms.RULES.items():
            for other in set(rooms.RULES) - set(allowed):
                with self.subTest(room=room, other=other):
                    self.plant(room + "/good.c", '#include "%s/good.h"\n\n#include "%s/good.h"\n' % (room, other))
                    self.assert_fault('%s/good.c:3: "%s/good.h" points against the order' % (room, other))
                    self.plant(room + "/good.c", "")

    def test_system_headers_in_the_wrong_room(self):
        for room, header in (("flow", "pcap.h"), ("output", "pcap/pcap.h"), ("cli", "pcap.h"), ("capture", "ini.h"),
                             ("flow", "zlib.h"), ("cli", "zstd.h"), ("flow", "linux/if_packet.h"), ("daemon", "pcap.h"), ("cli", "seccomp.h")):
            with self.subTest(room=room, header=header):
                self.plant(room + "/good.c", "#include <%s>\n" % header)
                self.assert_fault("%s/good.c:1: <%s> is not for %s/" % (room, header, room))
                self.plant(room + "/good.c", "")

    def test_an_include_without_its_room(self):
        self.plant("flow/good.c", '# include "good.h"\n')
        self.assert_fault('"good.h" is no "room/file.h"')

    def test_a_source_without_header(self):
        self.plant("flow/lone.c", "")
        self.assert_fault("flow/lone.c:1: there is no lone.h beside it")

    def test_guards(self):
        for text in ("#include <stdint.h>\n", GUARDED.format("CAPTURE_GOOD", ""), "#pragma once\n", "",
                     "#ifndef ENIFLOW_FLOW_GOOD_H\n#define ENIFLOW_FLOW_GOOD_H\n#endif\nint late;\n"):
            with self.subTest(text=text):
                self.plant("flow/good.h", text)
                self.assert_fault("the include guard is not ENIFLOW_FLOW_GOOD_H")

    def test_a_comment_may_stand_before_the_guard(self):
        self.plant("flow/good.h", "/* flow/good.h - what\n * for. */\n" + GUARDED.format("FLOW_GOOD", "/* x */"))
        self.assertEqual(list(rooms.faults(self.root)), [])


if __name__ == "__main__":
    unittest.main()
