"""A plot of the loads at 64 connections, as SVG that is readable on a light page and on a dark one."""

from xml.sax.saxutils import escape

from table import Load

CONNECTIONS = 64
PANELS = [("plain, keep-alive", False, False), ("plain, a new connection each", False, True),
          ("TLS, keep-alive", True, False), ("TLS, a new connection each", True, True)]
WIDTH, COLUMNS, MARGIN, ROW, HEAD, LABELS, VALUES = 960, 2, 20, 24, 34, 90, 150
# Of middle lightness, for both kinds of page.
TEXT, OURS, PEERS = "#7b828a", "#2f8f5b", "#8a93a0"


def text(x, y, what, size=12, anchor="start", weight="normal"):
    return (f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}">'
            f"{escape(what)}</text>")


def panel(x, y, width, title, bars, ours):
    """One bar for each of (who, figures), the longest as long as there is room."""
    most = max(figures.rate for _, figures in bars)
    parts = [text(x, y + 16, title, 14, weight="bold")]
    for at, (who, figures) in enumerate(bars):
        top = y + HEAD + at * ROW
        length = max(1.0, (width - LABELS - VALUES) * figures.rate / most)
        parts += [text(x + LABELS - 8, top + 13, who, anchor="end"),
                  f'<rect x="{x + LABELS}" y="{top}" width="{length:.1f}" height="{ROW - 6}" rx="2" '
                  f'fill="{OURS if who in ours else PEERS}"/>',
                  text(x + LABELS + length + 6, top + 13, f"{figures.rate:,.0f}/s, {figures.cpu_us:.1f} µs CPU")]
    return "\n".join(parts)


def panels_of(loads):
    """Of each panel that has any: its title, and its bars in the order of their measuring."""
    for title, tls, anew in PANELS:
        bars = [(load.who, figures) for load, figures in loads.items()
                if load == Load(load.who, tls, anew, CONNECTIONS)]
        if bars:
            yield title, bars


def svg(loads, ours):
    panels = list(panels_of(loads))
    if not panels:
        raise SystemExit(f"nothing to plot: no load with {CONNECTIONS} connections was measured")
    height = HEAD + ROW * max(len(bars) for _, bars in panels) + MARGIN
    width = (WIDTH - MARGIN * (COLUMNS + 1)) // COLUMNS
    drawn = [panel(MARGIN + at % COLUMNS * (width + MARGIN), 2 * MARGIN + at // COLUMNS * height, width, *each, ours)
             for at, each in enumerate(panels)]
    total = 2 * MARGIN + -(-len(panels) // COLUMNS) * height
    heading = text(MARGIN, MARGIN + 2, f"Answers a second at {CONNECTIONS} connections, and what one costs", 16,
                   weight="bold")
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {total}" fill="{TEXT}" '
                      'font-family="system-ui, sans-serif">', heading, *drawn, "</svg>"]) + "\n"
