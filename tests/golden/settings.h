/* Made by tests/golden/settings.py. */
enum { PAIRS = 14, CELLS = 18 };
static const double pair_x[PAIRS] = {2.0, -2.6, 0.4, -0.6, -0.5, -0.2, -2.0, -0.2, -0.9, 3.3, 0.2, -0.4, -0.3, -0.7};
static const double pair_y[PAIRS] = {0.9, -3.0, 0.9, -0.8, 0.5, -0.4, -2.0, 1.3, -0.4, 2.8, 0.0, 0.1, 1.6, -1.0};
static const double pair_rho = 0.801544037338088;
static const double cell_score[CELLS] = {0.8976, 0.91, 0.8411, 0.9271, 0.9388, 0.8858, 0.9009, 0.9067, 0.8217, 0.9102, 0.8904, 0.8333, 0.9328, 0.937, 0.8756, 0.8892, 0.9003, 0.8495};
static const double cell_mean[2][3] = {{0.880433333333, 0.916183333333, 0.87805}, {0.909633333333, 0.913866666667, 0.851166666667}};
static const double cell_half = 0.00792960199941;
