#!/usr/bin/env python3
"""Writes dist/consort-VERSION-py3-none-PLATFORM.whl.   python/wheel.py VERSION LICENSES PROGRAM LIBRARY RUNTIME

A wheel is a ZIP with the files as they are installed, METADATA, WHEEL, and RECORD, which has the hash of each (PEP 427). The
same files give the same bytes: no times, no order of a folder. The folder LICENSES has the terms of the libraries that are inside.
"""
import base64
import hashlib
import os
import platform
import re
import subprocess
import sys
import zipfile

MOST_BYTES = 6_000_000
ALLOWED = {"libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
METADATA = """Metadata-Version: 2.4
Name: consort
Version: {version}
Summary: Searches, trains and ensembles small neural networks for tables and pictures
License: MIT; the libraries inside have their own terms
{licenses}Requires-Python: >=3.9
Requires-Dist: numpy
Classifier: Programming Language :: Python :: 3
Classifier: Operating System :: POSIX :: Linux
Classifier: License :: OSI Approved :: MIT License
Classifier: Typing :: Typed
Classifier: Topic :: Scientific/Engineering :: Artificial Intelligence
Description-Content-Type: text/markdown

{description}"""
WHEEL = """Wheel-Version: 1.0
Generator: consort
Root-Is-Purelib: false
Tag: {tag}
"""
ENTRY = "[console_scripts]\nconsort = consort.__main__:main\n"


def needed(path):
    """The libraries that a shared object names, and the newest symbols of the C library that it uses."""
    said = subprocess.run(["objdump", "-p", path], check=True, capture_output=True, text=True).stdout
    versions = [tuple(map(int, v.split("."))) for v in re.findall(r"GLIBC_([0-9.]+)", said)]
    return re.findall(r"NEEDED +(\S+)", said), max(versions)


def tag_of(files):
    """manylinux_2_NN: the oldest C library that has all the symbols."""
    inside = {os.path.basename(f) for f in files} | {"libconsort.so.0"}
    newest = (2, 17)
    for path in files:
        names, version = needed(path)
        others = [n for n in names if n not in ALLOWED and n not in inside]
        if others:
            sys.exit(f"{path} needs {', '.join(others)}, which is not in the wheel")
        newest = max(newest, version[:2])
    return f"py3-none-manylinux_{newest[0]}_{newest[1]}_{platform.machine()}"


def main():
    version, licenses, *binaries = sys.argv[1:]
    here = os.path.dirname(os.path.abspath(__file__))
    tag = tag_of(binaries)
    files = {}
    for name in sorted(os.listdir(os.path.join(here, "consort"))):
        if name.endswith((".py", ".typed")):
            with open(os.path.join(here, "consort", name), "rb") as f:
                files[f"consort/{name}"] = (f.read(), 0o644)
    for path in binaries:
        with open(os.path.realpath(path), "rb") as f:
            files[f"consort/native/{os.path.basename(path)}"] = (f.read(), 0o755)
    info = f"consort-{version}.dist-info"
    terms = {"LICENSE": os.path.join(here, "..", "LICENSE")}
    terms.update((name, os.path.join(licenses, name)) for name in sorted(os.listdir(licenses)))
    for name, path in terms.items():
        with open(path, "rb") as f:
            files[f"{info}/licenses/{name}"] = (f.read(), 0o644)
    with open(os.path.join(here, "README.md"), encoding="utf-8") as f:
        said = METADATA.format(version=version, licenses="".join(f"License-File: {name}\n" for name in terms), description=f.read())
    files[f"{info}/METADATA"] = (said.encode(), 0o644)
    files[f"{info}/WHEEL"] = (WHEEL.format(tag=tag).encode(), 0o644)
    files[f"{info}/entry_points.txt"] = (ENTRY.encode(), 0o644)
    record = ""
    for name, (content, _) in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(content)}\n"
    files[f"{info}/RECORD"] = (f"{record}{info}/RECORD,,\n".encode(), 0o644)
    os.makedirs("dist", exist_ok=True)
    path = f"dist/consort-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for name, (content, mode) in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100000 | mode) << 16
            out.writestr(entry, content)
    size = os.path.getsize(path)
    print(f"{path}: {size / 1e6:.2f} MB")
    if size > MOST_BYTES:
        sys.exit(f"{path}: {size} bytes; at most {MOST_BYTES} are allowed")


main()
