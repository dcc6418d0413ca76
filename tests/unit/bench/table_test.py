#!/usr/bin/env python3
"""What bench/run makes of its figures: bench/table.py judges and prints them, bench/plot.py draws them.

    table_test.py ROOT [UNITTEST-ARGUMENT]...
"""

import contextlib
import io
import json
import pathlib
import sys
import unittest
import xml.etree.ElementTree as xml

ABOUT = {"machine": "a machine", "load_before": 0.0, "load_after": 0.0}


def load(who, connections=64, tls=False, anew=False):
    return table.Load(who, tls, anew, connections)


def figures(rate=1000.0, p50_us=10.0, cpu_us=2.0, busy=0.5):
    return table.Figures(rate, p50_us, 20.0, cpu_us, busy)


def shown(measured):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        measured.show()
    return out.getvalue()


def bars(text):
    """Width of each, by its colour."""
    return [(float(bar.get("width")), bar.get("fill")) for bar in xml.fromstring(text).iter(
        "{http://www.w3.org/2000/svg}rect")]


class Judging(unittest.TestCase):
    def setUp(self):
        self.table = table.Table(dict(ABOUT))

    def test_a_figure_at_its_bar_is_met_and_one_beyond_is_missed(self):
        for value, at_least, met in ((5.0, False, True), (5.01, False, False), (5.0, True, True), (4.99, True, False)):
            with self.subTest(value=value, at_least=at_least):
                one = table.Table(dict(ABOUT))
                one.add("row", value, 5, at_least=at_least)
                self.assertEqual(one.met(), met)
                self.assertEqual("MISSED" in shown(one), not met)

    def test_a_figure_without_a_bar_is_never_missed(self):
        self.table.add("row", 1e9)
        self.assertTrue(self.table.met())

    def test_what_could_not_be_measured_is_missed(self):
        self.table.fail("row", "no answer")
        self.assertFalse(self.table.met())
        self.assertIn("FAILED row: no answer", shown(self.table))

    def test_a_remark_is_told_and_misses_nothing(self):
        self.table.remark("peer", "has no TLS")
        self.assertTrue(self.table.met())
        self.assertIn("peer: has no TLS", shown(self.table))

    def test_a_ratio_is_the_first_loads_figure_by_the_seconds(self):
        self.table.add_load(load("override"), figures(rate=900.0))
        self.table.add_load(load("nginx"), figures(rate=1000.0))
        self.table.ratio("row", "rate", load("override"), load("nginx"), 1.0, at_least=True)
        self.assertEqual(self.table.rows[0]["value"], 0.9)
        self.assertFalse(self.table.met())

    def test_a_ratio_of_a_load_that_was_not_measured_is_no_row(self):
        self.table.add_load(load("override"), figures())
        self.table.ratio("row", "rate", load("override"), load("nginx"), 1.0)
        self.assertEqual(self.table.rows, [])


class Printing(unittest.TestCase):
    def setUp(self):
        self.table = table.Table(dict(ABOUT))
        self.table.add_load(load("nginx", 1), figures(rate=1234.0))
        self.table.add_load(load("nginx", 64), figures(rate=5678.0, busy=0.99))

    def test_the_numbers_of_connections_stand_side_by_side(self):
        (line,) = [line for line in shown(self.table).splitlines() if "nginx, plain, keep-alive" in line]
        self.assertLess(line.index("1,234/s"), line.index("5,678/s"))

    def test_a_load_that_took_all_of_the_client_is_marked(self):
        text = shown(self.table)
        self.assertIn("5,678/s*", text)
        self.assertNotIn("1,234/s*", text)

    def test_the_document_has_every_figure(self):
        found = json.loads(self.table.document())
        self.assertEqual([(one["name"], one["rate"]) for one in found["loads"]],
                         [("nginx, plain, keep-alive, 1 connection", 1234.0),
                          ("nginx, plain, keep-alive, 64 connections", 5678.0)])


class Plotting(unittest.TestCase):
    def test_a_bar_is_as_long_as_its_rate_and_ours_have_their_colour(self):
        drawn = bars(plot.svg({load("override"): figures(rate=1000.0), load("nginx"): figures(rate=500.0)},
                              ["override"]))
        self.assertEqual([colour for _, colour in drawn], [plot.OURS, plot.PEERS])
        self.assertAlmostEqual(drawn[0][0], 2 * drawn[1][0], delta=0.2)

    def test_each_way_of_asking_has_its_panel_and_other_numbers_of_connections_none(self):
        loads = {load("nginx", n, tls, anew): figures() for n in (1, 64) for tls in (False, True)
                 for anew in (False, True)}
        self.assertEqual(len(bars(plot.svg(loads, []))), 4)

    def test_a_name_is_text_whatever_is_in_it(self):
        xml.fromstring(plot.svg({load("peer <&>"): figures()}, []))

    def test_nothing_to_plot_is_told(self):
        with self.assertRaises(SystemExit):
            plot.svg({load("nginx", 1): figures()}, [])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.path.insert(0, str(pathlib.Path(sys.argv[1]).resolve() / "bench"))
    sys.dont_write_bytecode = True
    import plot
    import table
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
