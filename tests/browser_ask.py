"""Opens a page in headless Chromium and prints what an expression in it comes to, once it comes to something.

    browser_ask.py BROWSER PROFILE-FOLDER PAGE WIDTH EXPRESSION [WIDTH EXPRESSION]...

Each width (in CSS pixels; 0: leave it) is set before its expression is asked. Time is real: the page's own timers,
pictures and files take what they take; after five minutes without an answer it gives up. Speaks the DevTools protocol
over two pipes, with nothing but Python's own library.
"""
import json
import os
import select
import subprocess
import sys
import time

browser, profile, page = sys.argv[1:4]
questions = list(zip(sys.argv[4::2], sys.argv[5::2]))
end = time.monotonic() + 300

# Chromium reads commands from its descriptor 3 and writes answers to 4.
to_read, to_write = os.pipe()
from_read, from_write = os.pipe()


def ends():
    high = [os.dup(fd) if fd in (3, 4) else fd for fd in (to_read, from_write)]
    os.dup2(high[0], 3)
    os.dup2(high[1], 4)


child = subprocess.Popen(
    [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--user-data-dir=" + profile,
     "--remote-debugging-pipe", "about:blank"],
    close_fds=False, preexec_fn=ends, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
os.close(to_read)
os.close(from_write)
held = b""
last = 0


def message():
    global held
    while b"\0" not in held:
        if not select.select([from_read], [], [], max(0, end - time.monotonic()))[0]:
            sys.exit("no answer")
        piece = os.read(from_read, 1 << 16)
        if not piece:
            sys.exit("the browser went away")
        held += piece
    one, held = held.split(b"\0", 1)
    return json.loads(one)


def ask(method, session=None, **params):
    global last
    last += 1
    command = {"id": last, "method": method, "params": params}
    if session:
        command["sessionId"] = session
    os.write(to_write, json.dumps(command).encode() + b"\0")
    while True:
        answer = message()
        if answer.get("id") == last:
            if "error" in answer:
                sys.exit(method + ": " + answer["error"]["message"])
            return answer["result"]


try:
    target = ask("Target.createTarget", url="about:blank")["targetId"]
    session = ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    # Files that the page saves are not to lie about.
    ask("Browser.setDownloadBehavior", behavior="deny")
    opened = False
    for width, expression in questions:
        if int(width):
            ask("Emulation.setDeviceMetricsOverride", session, width=int(width), height=900, deviceScaleFactor=1,
                mobile=False)
        if not opened:
            ask("Page.navigate", session, url="file://" + page)
            opened = True
        while True:
            result = ask("Runtime.evaluate", session, expression=expression, returnByValue=True)["result"]
            if result.get("value") not in (None, ""):
                break
            if time.monotonic() > end:
                sys.exit("no answer")
            time.sleep(0.1)
        print(result["value"])
finally:
    child.terminate()
    child.wait()
