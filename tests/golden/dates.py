"""Golden numbers for tests/test_data_dates.c, from Python's datetime.

    python3 tests/golden/dates.py > tests/golden/dates.h

Random moments of the years 1 to 9999, written in many forms; what each is in seconds since 1970, and its parts.
"""
import random
from datetime import datetime, timedelta

random.seed(20261130)
clock = "[ %H:%M[:%S][ ][%p][ ][%z]]"
# our format, how Python writes it (by strftime's directives, with what glibc leaves to the platform done here)
forms = [
    ("%Y-%m-%d" + clock, lambda d: d.strftime("{Y}-%m-%d")),
    ("%Y-%m-%d" + clock, lambda d: d.strftime("{Y}-%m-%dT%H:%M:%S")),
    ("%Y-%m-%d" + clock, lambda d: d.strftime("{Y}-%m-%d %H:%M:%S.%f")),
    ("%Y-%m-%d" + clock, lambda d: d.strftime("{Y}-%m-%dT%H:%M:%SZ")),
    ("%Y-%m-%d" + clock, lambda d: d.strftime("{Y}-%m-%dT%H:%M:%S{z}")),
    ("%Y-%m-%d" + clock, lambda d: d.strftime("{Y}-%m-%d %H:%M{zz}")),
    ("%Y/%m/%d" + clock, lambda d: d.strftime("{Y}/{m}/{d} {H}:%M")),
    ("%d.%m.%Y" + clock, lambda d: d.strftime("{d}.{m}.{Y}")),
    ("%d.%m.%Y" + clock, lambda d: d.strftime("%d.%m.{Y} %H:%M:%S")),
    ("%m/%d/%Y" + clock, lambda d: d.strftime("{m}/{d}/{Y} %I:%M:%S %p")),
    ("%m/%d/%Y" + clock, lambda d: d.strftime("%m/%d/{Y}")),
    ("%d/%m/%Y" + clock, lambda d: d.strftime("%d/%m/{Y} %H:%M")),
    ("%d-%b-%Y" + clock, lambda d: d.strftime("%d-%b-{Y}")),
    ("[%a[,] ]%d[.] %b[.][,] %Y" + clock, lambda d: d.strftime("{d} %B {Y}")),
    ("[%a[,] ]%d[.] %b[.][,] %Y" + clock, lambda d: d.strftime("%a, %d %b {Y} %H:%M:%S GMT")),
    ("[%a[,] ]%b[.] %d[,] %Y" + clock, lambda d: d.strftime("%B {d}, {Y}")),
    ("%a %b %d %H:%M:%S[ %z] %Y", lambda d: d.strftime("%a %b %d %H:%M:%S {z} {Y}")),
    ("%Y%m%d", lambda d: d.strftime("{Y}%m%d")),
    ("%H:%M[:%S][ ][%p]", lambda d: d.strftime("{H}:%M")),
    ("%H:%M[:%S][ ][%p]", lambda d: d.strftime("%I:%M:%S%p")),
    ("%d.%m.%y %H:%M", lambda d: d.strftime("%d.%m.{y} %H:%M")),
    ("%s", lambda d: "{s}"),
    ("%Q", lambda d: "{q}"),
]
epoch = datetime(1970, 1, 1)

print("/* Written by dates.py; not to be changed by hand. */")
print("static const struct {\n    const char *format, *text;\n    double seconds, part[4];\n} golden_dates[] = {")
for i in range(460):
    form, write = forms[i % len(forms)]
    far = i % 3 == 0
    d = datetime(1, 1, 2) + timedelta(seconds=random.randrange(315537724800)) if far else \
        datetime(1900, 1, 1) + timedelta(seconds=random.randrange(86400 * 365 * 200))
    if "%y" in form:
        d = datetime(1970, 1, 1) + timedelta(seconds=random.randrange(86400 * 365 * 90))
    d += timedelta(microseconds=random.randrange(1000000))
    if i % 7 == 0:
        d = d.replace(month=2, day=28) + timedelta(days=1)  # the 29th, or the first of March
    template = write(d)
    zone = random.choice([0, 60, -300, 345, 840, -720]) * 60
    # What the text does not say is zero.
    kept = d
    if "%f" not in write.__code__.co_consts[1] and "{s}" not in template:
        kept = kept.replace(microsecond=kept.microsecond // 1000 * 1000 if "{q}" in template else 0)
    code = write.__code__.co_consts[1]
    if "%S" not in code and "{s}" not in code and "{q}" not in code:
        kept = kept.replace(second=0)
    if "H" not in code and "%I" not in code and "{s}" not in code and "{q}" not in code:
        kept = kept.replace(hour=0, minute=0)
    if form.startswith("%H"):
        kept = kept.replace(year=1970, month=1, day=1)
    has_zone = "{z" in template
    moment = kept - timedelta(seconds=zone) if has_zone else kept
    delta = moment - epoch
    sign, minutes = "+" if zone >= 0 else "-", abs(zone) // 60
    micro = (d - epoch) // timedelta(microseconds=1)
    text = template.format(
        Y="%04d" % d.year, y="%02d" % (d.year % 100), m=d.month, d=d.day, H=d.hour,
        z="%s%02d:%02d" % (sign, minutes // 60, minutes % 60), zz="%s%02d%02d" % (sign, minutes // 60, minutes % 60),
        s="%s%d.%06d" % ("-" if micro < 0 else "", abs(micro) // 1000000, abs(micro) % 1000000),
        q=(kept - epoch) // timedelta(milliseconds=1))
    seconds = delta // timedelta(seconds=1) + (delta % timedelta(seconds=1)).microseconds / 1e6
    hour = moment.hour + moment.minute / 60 + (moment.second + moment.microsecond / 1e6) / 3600
    print('    {"%s", "%s", %r, {%d, %d, %d, %r}},' %
          (form, text, seconds, moment.year, moment.month - 1, moment.weekday(), hour))
print("};")
