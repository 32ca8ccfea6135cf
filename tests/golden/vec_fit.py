"""The polynomials of engine/vec.h: Chebyshev fits in 40 digits. Prints coefficients from the lowest
power up and the largest error of each fit. Needs mpmath.

    python3 tests/golden/vec_fit.py
"""
import mpmath as mp

mp.mp.dps = 40


def fit(name, f, low, high, degree):
    c, error = mp.chebyfit(f, [low, high], degree + 1, error=True)
    print(name, [mp.nstr(x, 12) for x in c[::-1]], "error", mp.nstr(error, 3))


half = mp.log(2) / 2 * mp.mpf("1.001")
# e^r - 1 = r + r^2 q(r)
fit("exp q(r)", lambda r: (mp.expm1(r) - r) / r**2 if abs(r) > mp.mpf(10)**-12
    else mp.mpf(1) / 2 + r / 6, -half, half, 4)
# Phi(x) = 1/2 + x P(x^2) for x^2 < 2
fit("cdf P(w)", lambda w: mp.erf(mp.sqrt(w / 2)) / 2 / mp.sqrt(w) if w > 0
    else 1 / mp.sqrt(2 * mp.pi), mp.mpf(0), mp.mpf(2), 6)
# Phi(-x) = e^(-x^2/2) Q(1 / (1 + x/4)) beyond


def tail(t):
    x = 4 * (1 / t - 1)
    return mp.erfc(x / mp.sqrt(2)) / 2 * mp.exp(x * x / 2)


fit("tail Q(t)", tail, 1 / (1 + mp.mpf("13.4") / 4), 1 / (1 + mp.sqrt(2) * mp.mpf("0.99") / 4), 8)
# sin(2 pi s) = s P(s^2) for |s| <= 1/4; cos(2 pi t) is -sin of the distance to the next quarter
fit("sin P(w)", lambda w: mp.sin(2 * mp.pi * mp.sqrt(w)) / mp.sqrt(w) if w > 0 else 2 * mp.pi,
    mp.mpf(0), mp.mpf(1) / 16, 5)
