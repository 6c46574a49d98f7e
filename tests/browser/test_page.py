#!/usr/bin/env python3
"""The page of a comparison in Chromium: test_page.py PROGRAM, which writes made-up pages (page.c).

Status 77 where there is no Chromium; where CI is set and we are root, that is a failure."""

import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import chromium

SKIPPED = 77
NARROW, WIDE, PAPER = 360, 1280, 1030  # pixels; the last: A4 across, less its margins
NAMES = ("differs", "agrees", "day", "month", "one", "other", "nothing", "many", "hostile")
EVIL = "alert('x')"

# What is shown of a table's rows, cell by cell.
ROWS = """Array.from(document.querySelectorAll("#table tbody tr:not([hidden])"), row => Array.from(row.cells, cell =>
    cell.innerText.trim()))"""

# Each text that is shown whose contrast to its ground is too low.
FAINT = """(() => {
    const parts = text => text.match(/[\\d.]+/g).map(Number);
    const light = channels => channels.slice(0, 3).map(value => value / 255).map(value =>
        value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4).reduce((sum, value, at) =>
        sum + value * [0.2126, 0.7152, 0.0722][at], 0);
    const ground = element => {
        for (let at = element; at; at = at.parentElement) {
            const color = parts(getComputedStyle(at).backgroundColor);
            if (color[3] === undefined || color[3] > 0)
                return color;
        }
        return [255, 255, 255];
    };
    const found = new Set();
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const element = walk.currentNode.parentElement, style = getComputedStyle(element);
        if (!walk.currentNode.data.trim() || !element.checkVisibility() || element.closest("script, title, desc"))
            continue;
        const ink = light(parts(element.closest("svg") ? style.fill : style.color)), paper = light(ground(element));
        const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
        if (contrast < 4.5)
            found.add(walk.currentNode.data.trim() + ": " + contrast.toFixed(2));
    }
    return Array.from(found);
})()"""


def number(text):
    return int(text.replace(",", "").replace("\u2212", "-").replace("\u2013", "0"))


class Shown(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        for name in NAMES:
            cls.path(name).write_bytes(cls.written(name))
        cls.browser = chromium.Browser()
        cls.addClassCleanup(cls.browser.close)

    @classmethod
    def path(cls, name):
        return Path(cls.folder.name) / (name + ".html")

    @staticmethod
    def written(name):
        return subprocess.run([PROGRAM, name], stdout=subprocess.PIPE, check=True, timeout=60).stdout

    def show(self, name, **more):
        tab = chromium.Tab(self.browser, self.path(name), **more)
        self.addCleanup(tab.close)
        return tab

    def choose(self, tab, control, value):
        tab.evaluate("""(() => {
            const control = document.getElementById(%r);
            control.value = %r;
            control.dispatchEvent(new Event("input", { bubbles: true }));
        })()""" % (control, value))

    def option(self, tab, control, text):
        """The value of the option that begins so, and how many findings it says it has."""
        value, label = tab.evaluate("""Array.from(document.getElementById(%r).options, one => [one.value, one.text])
            .find(one => one[1].startsWith(%r))""" % (control, text))
        return value, number(re.search(r"\(([\d,]+)\)$", label).group(1))


class Filters(Shown):
    def setUp(self):
        self.tab = self.show("differs")

    def rows(self):
        return self.tab.evaluate(ROWS)

    def said(self):
        return self.tab.evaluate("document.getElementById('shown').innerText")

    def test_all_are_there_at_first(self):
        self.assertEqual(len(self.rows()), 17)
        self.assertEqual(self.said(), "17 findings")

    def test_each_select_leaves_what_it_says(self):
        for control, text, column in (("by-verdict", "Log only", 0), ("by-verdict", "Differs", 0), ("by-cause", "the log says SKIPDATA", 1),
                                      ("by-protocol", "udp", 2), ("by-interface", "eni-0a1b2c3d4e5f60718", -1)):
            with self.subTest(text):
                value, count = self.option(self.tab, control, text)
                self.choose(self.tab, control, value)
                rows = self.rows()
                self.assertEqual(len(rows), count)
                self.assertTrue(all(row[column].lower().startswith(text.lower()) for row in rows), rows)
                self.assertEqual(self.said(), "%d of 17 findings shown" % count)
                self.choose(self.tab, control, "")

    def test_filters_add_up(self):
        self.choose(self.tab, "by-cause", self.option(self.tab, "by-cause", "the log says SKIPDATA")[0])
        self.choose(self.tab, "by-protocol", self.option(self.tab, "by-protocol", "udp")[0])
        rows = self.rows()
        self.assertTrue(0 < len(rows) < 9)
        self.assertTrue(all("SKIPDATA" in row[1] and row[2].startswith("udp") for row in rows), rows)

    def test_an_address_is_found_by_any_part_of_it(self):
        for text, wanted in (("203.0.113.9:", 1), ("2001:DB8", 4), ("203.0.113.1: 443", 1), ("  ", 17)):
            with self.subTest(text):
                self.choose(self.tab, "by-text", text)
                self.assertEqual(len(self.rows()), wanted)

    def test_nothing_is_left_and_all_come_back(self):
        self.choose(self.tab, "by-text", "no such address")
        self.assertEqual(self.rows(), [])
        self.assertEqual(self.said(), "0 of 17 findings shown")
        self.assertTrue(self.tab.evaluate("document.getElementById('none').checkVisibility()"))
        self.tab.evaluate("document.querySelector('#filters [type=reset]').click()")
        self.tab.evaluate("new Promise(done => setTimeout(done, 20))")
        self.assertEqual(len(self.rows()), 17)
        self.assertFalse(self.tab.evaluate("document.getElementById('none').checkVisibility()"))

    def test_what_changes_is_announced(self):
        self.assertEqual(self.tab.evaluate("document.getElementById('shown').getAttribute('role')"), "status")


class Order(Shown):
    def setUp(self):
        self.tab = self.show("differs")

    def click(self, place):
        self.tab.evaluate("document.querySelectorAll('th[data-sort] button')[%d].click()" % place)

    def column(self, place):
        return [row[place] for row in self.tab.evaluate(ROWS)]

    def orders(self):
        return self.tab.evaluate("Array.from(document.querySelectorAll('[aria-sort]'), one => one.ariaSort)")

    def test_numbers(self):
        # buttons stand by lines of the head, columns from left to right
        for button, column in ((7, 5), (8, 6), (9, 7), (10, 8), (11, 9), (12, 10)):
            with self.subTest(column):
                before = [number(text) for text in self.column(column)]
                self.click(button)
                self.assertEqual([number(text) for text in self.column(column)], sorted(before))
                self.assertEqual(self.orders(), ["ascending"])
                self.click(button)
                self.assertEqual([number(text) for text in self.column(column)], sorted(before, reverse=True))
                self.assertEqual(self.orders(), ["descending"])

    def test_addresses_are_numbers_too(self):
        self.click(3)
        addresses = self.column(3)
        self.assertEqual(len(addresses), 17)
        last = [int(re.match(r"203\.0\.113\.(\d+)", text).group(1)) for text in addresses if text[0] != "["]
        self.assertEqual(last, sorted(last))
        self.assertTrue(all(text[0] == "[" for text in addresses[len(last):]), addresses)

    def test_text_and_time(self):
        for button, column in ((2, 2), (5, 11), (6, 12)):
            with self.subTest(column):
                before = self.column(column)
                self.click(button)
                self.assertEqual(self.column(column), sorted(before))
                self.assertNotEqual(self.column(column), before if column < 12 else None)

    def test_equals_keep_their_order(self):
        before = self.column(3)
        self.click(0)
        verdicts, after = self.column(0), self.column(3)
        self.assertEqual(verdicts[:12], ["Differs"] * 12)
        self.assertEqual(after[:12], before[:12])

    def test_by_keyboard(self):
        self.tab.evaluate("document.querySelectorAll('th[data-sort] button')[7].focus()")
        self.tab.press("Enter", 13, "\r")
        self.assertEqual(self.orders(), ["ascending"])


class Keyboard(Shown):
    def focused(self, tab):
        return tab.evaluate("document.activeElement.id || document.activeElement.textContent")

    def test_the_first_stop_leads_to_the_findings(self):
        tab = self.show("differs")
        tab.press("Tab", 9)
        self.assertEqual(self.focused(tab), "Skip to the findings")
        self.assertTrue(tab.evaluate("document.activeElement.getBoundingClientRect().left >= 0"))
        tab.press("Enter", 13, "\r")
        self.assertEqual(self.focused(tab), "findings")

    def test_every_stop_is_seen(self):
        tab, stops = self.show("differs"), []
        for _ in range(40):
            tab.press("Tab", 9)
            stop = tab.evaluate("(at => at === document.body ? null : [at.tagName, getComputedStyle(at).outlineStyle])(document.activeElement)")
            if not stop:
                break
            stops.append(stop)
        self.assertGreater(len(stops), 20)
        self.assertTrue(all(outline != "none" for _, outline in stops), stops)
        self.assertTrue({"A", "SUMMARY", "SELECT", "INPUT", "BUTTON", "DIV"} <= {tag for tag, _ in stops}, stops)


class Named(Shown):
    """What a screen reader is told."""

    def test_controls_and_pictures_have_names(self):
        wanted = {"button", "combobox", "searchbox", "image", "img", "link", "region", "form", "table", "status", "DisclosureTriangle"}
        for name in ("differs", "nothing", "agrees"):
            tab = self.show(name)
            tab.call("Accessibility.enable")
            nodes = [node for node in tab.call("Accessibility.getFullAXTree")["nodes"] if not node.get("ignored")]
            roles = {}
            for node in nodes:
                roles.setdefault(node["role"]["value"], []).append(node.get("name", {}).get("value", ""))
            with self.subTest(name):
                if name == "differs":
                    self.assertTrue({"button", "combobox", "searchbox", "region", "form", "status"} <= set(roles), roles.keys())
                nameless = [role for role in sorted(wanted & set(roles)) for one in roles[role] if not one and role not in ("table", "status")]
                self.assertEqual(nameless, [])
                buttons = roles.get("button", [])
                self.assertEqual(len(set(buttons)), len(buttons), buttons)

    def test_pictures_are_described_and_have_their_numbers_beside_them(self):
        tab = self.show("differs")
        pictures = tab.evaluate("""Array.from(document.querySelectorAll("svg[role=img]"), one => ["aria-labelledby", "aria-describedby"].map(
            what => document.getElementById(one.getAttribute(what)).textContent))""")
        self.assertEqual(len(pictures), 6)
        self.assertTrue(all(title and "table below" in described for title, described in pictures), pictures)
        self.assertEqual(tab.evaluate("document.querySelector('.timeline details table tbody').rows.length"), 30)

    def test_headings_are_in_order(self):
        for name in NAMES:
            with self.subTest(name):
                levels = self.show(name).evaluate("Array.from(document.querySelectorAll('h1, h2, h3, h4, h5, h6'), one => Number(one.tagName[1]))")
                self.assertEqual(levels[0], 1)
                self.assertEqual(levels.count(1), 1)
                self.assertTrue(all(after <= before + 1 for before, after in zip(levels, levels[1:])), levels)

    def test_contrast(self):
        for scheme in ("light", "dark"):
            for name in ("differs", "agrees", "nothing"):
                with self.subTest(name, scheme=scheme):
                    tab = self.show(name, scheme=scheme)
                    tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
                    self.assertEqual(tab.evaluate(FAINT), [])


class Looks(Shown):
    def test_light_and_dark(self):
        pictures = {scheme: self.show("differs", scheme=scheme).picture() for scheme in ("light", "dark")}
        self.assertNotEqual(pictures["light"], pictures["dark"])
        grounds = [self.show("differs", scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor") for scheme in ("light", "dark")]
        self.assertNotEqual(*grounds)

    def test_nothing_runs_out_of_a_narrow_screen(self):
        for name in NAMES:
            with self.subTest(name):
                tab = self.show(name, width=NARROW)
                tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
                self.assertLessEqual(tab.evaluate("document.documentElement.scrollWidth"), NARROW)

    def test_paper(self):
        tab = self.show("differs", width=PAPER, media="print", scheme="dark")
        self.assertEqual(tab.evaluate("document.querySelector('#filters').checkVisibility()"), False)
        self.assertLessEqual(tab.evaluate("document.documentElement.scrollWidth"), PAPER)
        self.assertEqual(tab.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor"), "rgb(255, 255, 255)")

    def test_nothing_moves(self):
        tab = self.show("differs")
        self.assertEqual(tab.evaluate("document.getAnimations().length"), 0)
        self.assertEqual(tab.evaluate("""Array.from(document.querySelectorAll("*")).filter(one => getComputedStyle(one).transitionDuration
            !== "0s" || getComputedStyle(one).animationName !== "none").length"""), 0)

    def test_timelines_keep_within_their_place(self):
        for name in ("day", "month", "one"):
            with self.subTest(name):
                outside = self.show(name).evaluate("""Array.from(document.querySelectorAll(".plot rect, .plot path")).filter(one => {
                    const box = one.getBoundingClientRect(), all = one.closest("svg.plot").getBoundingClientRect();
                    return box.width && (box.left < all.left - 1 || box.right > all.right + 1 || box.top < all.top - 1 || box.bottom > all.bottom + 1);
                }).length""")
                self.assertEqual(outside, 0)


class Apart(Shown):
    """The page keeps to itself, and strangers' names stay names."""

    def test_nothing_is_fetched_and_nothing_goes_wrong(self):
        for name in NAMES:
            with self.subTest(name):
                tab = self.show(name)
                self.assertEqual([one["entry"]["text"] for one in tab.happened("Log.entryAdded")], [])
                self.assertEqual(tab.happened("Runtime.exceptionThrown"), [])
                self.assertEqual(tab.happened("Runtime.consoleAPICalled"), [])
                asked = [one["request"]["url"] for one in tab.happened("Network.requestWillBeSent")]
                self.assertEqual([url for url in asked if not url.startswith("data:")], [self.path(name).as_uri()])

    def test_the_policy_holds(self):
        tab = self.show("differs")
        tab.evaluate("""(() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
            document.body.insertAdjacentHTML("beforeend", "<img src='x.png' onerror='window.ran = true'><p style='color: red'>");
        })()""")
        self.assertIsNone(tab.evaluate("window.ran"))
        self.assertEqual(tab.evaluate("fetch('data:,x').then(() => 'fetched', () => 'refused')"), "refused")
        self.assertGreaterEqual(len(tab.happened("Log.entryAdded")), 3)

    def test_names_stay_names(self):
        tab = self.show("hostile")
        self.assertEqual(tab.happened("Page.javascriptDialogOpening"), [])
        self.assertEqual(tab.evaluate("document.querySelectorAll('script').length"), 1)
        self.assertIn(EVIL, tab.evaluate("document.querySelector('.interface h2').textContent"))
        self.assertIn("\u241b[31m", tab.evaluate("document.querySelector('.interface h2').textContent"))
        self.assertIn(EVIL, tab.evaluate("document.getElementById('by-interface').options[1].text"))

    def test_without_scripts_all_is_there(self):
        tab = self.show("differs", script=False)
        self.assertFalse(tab.evaluate("document.getElementById('filters').checkVisibility()"))
        self.assertEqual(len(tab.evaluate(ROWS)), 17)
        self.assertEqual(tab.evaluate("document.querySelectorAll('th button').length"), 0)

    def test_very_many_findings_are_cut_and_said(self):
        tab = self.show("many")
        self.assertEqual(tab.evaluate("document.querySelectorAll('#table tbody tr').length"), 2000)
        self.assertIn("The first 2,000 of 5,000", tab.evaluate("document.body.innerText"))
        self.assertEqual(tab.evaluate("document.querySelectorAll('figure.timeline').length"), 20)

    def test_the_same_result_is_the_same_page(self):
        for name in NAMES:
            self.assertEqual(self.written(name), self.path(name).read_bytes())


if __name__ == "__main__":
    PROGRAM = str(Path(sys.argv.pop(1)).resolve())
    if not chromium.program():
        print("SKIP: there is no chromium")
        sys.exit(1 if os.environ.get("CI") and os.geteuid() == 0 else SKIPPED)
    unittest.main()
