"""Elo against CPU seconds, as SVG: a dot for each method, a line through those that nobody beats at less cost."""
import math
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 360, 60, 130, 20, 50
TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200)


def front(points):
    """Names, from cheap to dear, of those that are better than everything cheaper."""
    names, best = [], -math.inf
    for name, (cost, value) in sorted(points.items(), key=lambda item: (item[1][0], -item[1][1])):
        if value > best:
            names.append(name)
            best = value
    return names


def draw(points, title):
    """`points`: {name: (CPU seconds a 1,000 rows, Elo)}"""
    costs, values = zip(*points.values())
    low, high = math.log10(min(costs) / 1.5), math.log10(max(costs) * 1.5)
    floor, ceiling = math.floor(min(values) / 100 - 0.2) * 100, math.ceil(max(values) / 100 + 0.2) * 100
    step = 100 if ceiling - floor <= 1000 else 500
    x = lambda cost: LEFT + (math.log10(cost) - low) / (high - low) * (WIDTH - LEFT - RIGHT)
    y = lambda value: TOP + (ceiling - value) / (ceiling - floor) * (HEIGHT - TOP - BOTTOM)
    text = lambda at_x, at_y, what, more="": f'<text x="{at_x:.1f}" y="{at_y:.1f}"{more}>{escape(what)}</text>'
    base, middle = HEIGHT - BOTTOM, (LEFT + WIDTH - RIGHT) / 2
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
             f'font-size="12"><title>{escape(title)}</title>',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']
    for tick in TICKS:
        if low <= math.log10(tick) <= high:
            lines += [f'<path d="M{x(tick):.1f} {TOP}V{base}" stroke="#ddd"/>',
                      text(x(tick), base + 16, f"{tick:g}", ' text-anchor="middle"')]
    for tick in range(floor, ceiling + 1, step):
        lines += [f'<path d="M{LEFT} {y(tick):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>',
                  text(LEFT - 6, y(tick) + 4, str(tick), ' text-anchor="end"')]
    lines += [text(middle, HEIGHT - 12, "CPU seconds per 1,000 training rows", ' text-anchor="middle"'),
              text(LEFT, 14, title)]
    best = front(points)
    path = " ".join(f"{x(points[name][0]):.1f},{y(points[name][1]):.1f}" for name in best)
    lines.append(f'<polyline points="{path}" fill="none" stroke="#0a6" stroke-width="1.5"/>')
    written = []
    for name, (cost, value) in sorted(points.items(), key=lambda item: -item[1][1]):
        color, at_x, at_y = "#0a6" if name in best else "#888", x(cost) + 7, y(value) + 4
        while any(abs(at_x - other_x) < 100 and abs(at_y - other_y) < 12 for other_x, other_y in written):
            at_y += 2
        written.append((at_x, at_y))
        lines += [f'<circle cx="{x(cost):.1f}" cy="{y(value):.1f}" r="4" fill="{color}"/>', text(at_x, at_y, name)]
    return "\n".join(lines + ["</svg>"]) + "\n"
