"""Golden numbers for tests/test_base_text.c and tests/test_base_file.c: Python's shortest float
representation, hashlib's SHA-256 and the gzip module. Prints C initializers."""
import gzip
import hashlib
import random
import struct

random.seed(1)
print("/* shortest doubles */")
xs = [0.1, 1e-5, 1 / 3, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 123456789.125, 1e22, 2 / 3]
xs += [struct.unpack("<d", struct.pack("<Q", random.getrandbits(62)))[0] for _ in range(6)]
for x in xs:
    print(f'    {{{x.hex()}, "{x!r}"}},')
print("/* SHA-256 of bytes i % 251, i < n */")
for n in (0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 100000):
    print(f'    {{{n}, "{hashlib.sha256(bytes(i % 251 for i in range(n))).hexdigest()}"}},')
print("/* gzip */")
z = gzip.compress(b"one,two\n" * 20, mtime=0)
print(len(z), ", ".join(f"0x{b:02x}" for b in z))
