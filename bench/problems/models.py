"""Small models with mixed spaces, trained for real, 3 to 12 ms each: scikit-learn and XGBoost on data that
scikit-learn ships or makes. Where a problem is noisy the optimizer hears a run with a fresh seed, and the score
is the mean of four fixed seeds. All are minimized: a log loss on held-out rows, or a mean squared error of a
target with variance 1."""

import functools
import math
import warnings

import numpy as np
import xgboost
from sklearn import datasets, decomposition, ensemble, feature_selection, kernel_ridge, linear_model, metrics
from sklearn import neighbors, neural_network, pipeline, preprocessing, svm, tree

from space import Problem, category, number, whole

warnings.filterwarnings("ignore")
WORST = 4.0  # of a model that fails or diverges
FIXED = 4  # seeds a noisy model is scored by


@functools.lru_cache(None)
def rows(name):
    """Training rows and targets, held-out rows and targets."""
    made = dict(random_state=11)
    if name == "diabetes":
        x, y, n = *datasets.load_diabetes(return_X_y=True), 200
    elif name == "cancer":
        x, y, n = *datasets.load_breast_cancer(return_X_y=True), 220
    elif name == "wine":
        x, y, n = *datasets.load_wine(return_X_y=True), 60
    elif name == "digits":
        x, y, n = *datasets.load_digits(return_X_y=True), 300
    elif name == "friedman":
        x, y, n = *datasets.make_friedman1(700, 12, noise=1.5, **made), 250
    elif name == "blobs":
        x, y, n = (
            *datasets.make_classification(
                1000,
                20,
                n_informative=6,
                n_redundant=6,
                n_classes=4,
                class_sep=1.2,
                n_clusters_per_class=1,
                flip_y=0.03,
                **made
            ),
            300,
        )
    elif name == "pairs":
        x, y, n = (
            *datasets.make_classification(
                1000,
                12,
                n_informative=8,
                n_redundant=0,
                n_classes=2,
                class_sep=0.8,
                n_clusters_per_class=4,
                flip_y=0.05,
                weights=[0.7],
                **made
            ),
            350,
        )
    else:
        raise KeyError(name)
    order = np.random.RandomState(5).permutation(len(y))[: n + 600]
    x, y = x[order].astype(float), y[order]
    if y.dtype.kind == "f" or name == "diabetes":
        y = (y - y[:n].mean()) / y[:n].std()
    return x[:n], y[:n], x[n:], y[n:]


def capped(score):
    try:
        value = score()
    except (ValueError, ArithmeticError, np.linalg.LinAlgError):
        return WORST
    return min(float(value), WORST) if math.isfinite(value) else WORST


def log_loss(model, name):
    x, y, held, truth = rows(name)

    def score():
        p = np.clip(model.fit(x, y).predict_proba(held), 0.005, 1)
        return metrics.log_loss(truth, p / p.sum(1, keepdims=True), labels=np.unique(y))

    return capped(score)


def squared(model, name):
    x, y, held, truth = rows(name)
    return capped(lambda: np.mean((model.fit(x, y).predict(held) - truth) ** 2))


def fixed(name, params, run):
    return Problem(name, params, run)


def noisy(name, params, run):
    return Problem(
        name,
        params,
        lambda p: sum(run(p, s) for s in range(FIXED)) / FIXED,
        told=lambda p, rng: run(p, rng.randrange(100, 10**6)),
    )


SCALERS = {
    "none": lambda: None,
    "standard": preprocessing.StandardScaler,
    "minmax": preprocessing.MinMaxScaler,
    "robust": preprocessing.RobustScaler,
    "length": preprocessing.Normalizer,
    "quantile": lambda: preprocessing.QuantileTransformer(n_quantiles=50),
}


def chain(*steps):
    return pipeline.make_pipeline(*[s for s in steps if s is not None])


def trees_diabetes():
    params = [
        category("kind", ["forest", "extra"]),
        category("criterion", ["squared_error", "friedman_mse", "poisson"]),
        whole("depth", 1, 20),
        whole("leaf", 1, 50, True),
        whole("split", 2, 80, True),
        category("features", ["sqrt", "half", "all"]),
        whole("nodes", 3, 200, True),
        category("bootstrap", ["yes", "no"]),
        number("rows", 0.1, 1.0, cond=("bootstrap", "eq", "yes")),
        number("impurity", 1e-6, 1e-1, True),
    ]

    def run(p):
        kind = {"forest": ensemble.RandomForestRegressor, "extra": ensemble.ExtraTreesRegressor}[p["kind"]]
        model = kind(
            10,
            criterion=p["criterion"],
            max_depth=p["depth"],
            min_samples_leaf=p["leaf"],
            min_samples_split=p["split"],
            max_features={"sqrt": "sqrt", "half": 0.5, "all": None}[p["features"]],
            max_leaf_nodes=p["nodes"],
            bootstrap=p["bootstrap"] == "yes",
            max_samples=p.get("rows"),
            min_impurity_decrease=p["impurity"],
            random_state=0,
        )
        x, y, held, truth = rows("diabetes")  # poisson wants targets above 0
        return capped(lambda: np.mean((model.fit(x, y + 5).predict(held) - 5 - truth) ** 2))

    return fixed("trees_diabetes", params, run)


def forest_blobs():
    params = [
        category("criterion", ["gini", "entropy"]),
        category("features", ["sqrt", "log2", "third", "all"]),
        category("bootstrap", ["yes", "no"]),
        category("weight", ["none", "balanced"]),
        whole("trees", 2, 16),
        whole("depth", 1, 16),
        whole("leaf", 1, 30),
        whole("split", 2, 60, True),
        whole("nodes", 4, 200, True),
    ]

    def run(p):
        return log_loss(
            ensemble.RandomForestClassifier(
                p["trees"],
                criterion=p["criterion"],
                max_depth=p["depth"],
                min_samples_leaf=p["leaf"],
                min_samples_split=p["split"],
                max_leaf_nodes=p["nodes"],
                bootstrap=p["bootstrap"] == "yes",
                max_features={"sqrt": "sqrt", "log2": "log2", "third": 0.34, "all": None}[p["features"]],
                class_weight=None if p["weight"] == "none" else p["weight"],
                random_state=0,
            ),
            "blobs",
        )

    return fixed("forest_blobs", params, run)


def boost_cancer():
    params = [
        category("loss", ["log_loss", "exponential"]),
        category("criterion", ["friedman_mse", "squared_error"]),
        category("features", ["sqrt", "log2", "third"]),
        number("rate", 0.005, 2.0, True),
        whole("trees", 3, 30, True),
        whole("depth", 1, 8),
        whole("leaf", 1, 40, True),
        number("rows", 0.2, 1.0),
        whole("split", 2, 60, True),
    ]

    def run(p):
        return log_loss(
            ensemble.GradientBoostingClassifier(
                loss=p["loss"],
                criterion=p["criterion"],
                learning_rate=p["rate"],
                n_estimators=p["trees"],
                max_features=0.34 if p["features"] == "third" else p["features"],
                max_depth=p["depth"],
                min_samples_leaf=p["leaf"],
                min_samples_split=p["split"],
                subsample=p["rows"],
                random_state=0,
            ),
            "cancer",
        )

    return fixed("boost_cancer", params, run)


def neighbors_digits():
    params = [
        category("scale", list(SCALERS)),
        category("reduce", ["none", "pca", "best"]),
        whole("parts", 2, 40, True, ("reduce", "eq", "pca")),
        category("whiten", ["yes", "no"], ("reduce", "eq", "pca")),
        whole("columns", 2, 40, True, ("reduce", "eq", "best")),
        category("metric", ["euclidean", "manhattan", "chebyshev", "cosine", "canberra"]),
        category("weights", ["uniform", "distance"]),
        whole("k", 1, 60, True),
    ]

    def run(p):
        part = {
            "none": lambda: None,
            "pca": lambda: decomposition.PCA(p["parts"], whiten=p["whiten"] == "yes", random_state=0),
            "best": lambda: feature_selection.SelectKBest(k=p["columns"]),
        }[p["reduce"]]()
        return log_loss(
            chain(
                SCALERS[p["scale"]](),
                part,
                neighbors.KNeighborsClassifier(
                    p["k"], weights=p["weights"], metric=p["metric"], algorithm="brute"
                ),
            ),
            "digits",
        )

    return fixed("neighbors_digits", params, run)


def svr_friedman():
    params = [
        category("kernel", ["linear", "rbf", "poly", "sigmoid"]),
        number("c", 1e-2, 1e3, True),
        number("epsilon", 1e-3, 1.0, True),
        number("gamma_rbf", 1e-4, 10, True, ("kernel", "eq", "rbf")),
        number("gamma_poly", 1e-4, 1, True, ("kernel", "eq", "poly")),
        whole("degree", 2, 5, False, ("kernel", "eq", "poly")),
        number("shift", 0, 3, False, ("kernel", "eq", "poly")),
        number("gamma_sigmoid", 1e-4, 1, True, ("kernel", "eq", "sigmoid")),
        category("scale", ["none", "standard", "quantile"]),
    ]

    def run(p):
        gamma = p.get("gamma_" + p["kernel"], "scale")
        return squared(
            chain(
                SCALERS[p["scale"]](),
                svm.SVR(
                    kernel=p["kernel"],
                    C=p["c"],
                    epsilon=p["epsilon"],
                    gamma=gamma,
                    degree=p.get("degree", 3),
                    coef0=p.get("shift", 0.0),
                    max_iter=4000,
                ),
            ),
            "friedman",
        )

    return fixed("svr_friedman", params, run)


def sgd_pairs():
    params = [
        category("loss", ["log_loss", "modified_huber"]),
        category("penalty", ["l2", "l1", "elasticnet"]),
        number("mix", 0, 1, False, ("penalty", "eq", "elasticnet")),
        number("alpha", 1e-6, 1, True),
        category("schedule", ["optimal", "constant", "invscaling", "adaptive"]),
        number("eta", 1e-4, 1, True),
        number("power", 0.05, 1, False, ("schedule", "eq", "invscaling")),
        category("average", ["yes", "no"]),
        whole("epochs", 1, 30, True),
        category("scale", ["none", "standard", "minmax", "quantile"]),
        whole("degree", 1, 2),
    ]

    def run(p, seed):
        return log_loss(
            chain(
                SCALERS[p["scale"]](),
                preprocessing.PolynomialFeatures(p["degree"], include_bias=False),
                linear_model.SGDClassifier(
                    loss=p["loss"],
                    penalty=p["penalty"],
                    alpha=p["alpha"],
                    l1_ratio=p.get("mix", 0.15),
                    eta0=p["eta"],
                    learning_rate=p["schedule"],
                    power_t=p.get("power", 0.5),
                    average=p["average"] == "yes",
                    max_iter=p["epochs"],
                    tol=None,
                    random_state=seed,
                ),
            ),
            "pairs",
        )

    return noisy("sgd_pairs", params, run)


def tree_digits():
    params = [
        category("reduce", ["none", "pca", "best"]),
        whole("parts", 2, 40, True, ("reduce", "eq", "pca")),
        whole("columns", 2, 60, False, ("reduce", "eq", "best")),
        category("criterion", ["gini", "entropy"]),
        category("splitter", ["best", "random"]),
        whole("depth", 1, 20),
        whole("leaf", 1, 40, True),
        whole("split", 2, 80, True),
        number("features", 0.1, 1.0),
        number("prune", 1e-5, 1e-1, True),
        category("weight", ["none", "balanced"]),
    ]

    def run(p):
        part = {
            "none": lambda: None,
            "pca": lambda: decomposition.PCA(p["parts"], random_state=0),
            "best": lambda: feature_selection.SelectKBest(k=p["columns"]),
        }[p["reduce"]]()
        return log_loss(
            chain(
                part,
                tree.DecisionTreeClassifier(
                    criterion=p["criterion"],
                    splitter=p["splitter"],
                    max_depth=p["depth"],
                    min_samples_leaf=p["leaf"],
                    min_samples_split=p["split"],
                    max_features=p["features"],
                    ccp_alpha=p["prune"],
                    random_state=0,
                    class_weight=None if p["weight"] == "none" else p["weight"],
                ),
            ),
            "digits",
        )

    return fixed("tree_digits", params, run)


def mlp_friedman():
    params = [
        category("solver", ["adam", "sgd", "lbfgs"]),
        whole("layers", 1, 3),
        whole("width_1", 4, 64, True),
        whole("width_2", 4, 64, True, ("layers", "ge", 2)),
        whole("width_3", 4, 64, True, ("layers", "ge", 3)),
        category("activation", ["relu", "tanh", "logistic", "identity"]),
        number("alpha", 1e-6, 10, True),
        number("rate", 1e-4, 1, True),
        whole("batch", 8, 128, True),
        number("momentum", 0, 0.99, False, ("solver", "eq", "sgd")),
        category("schedule", ["constant", "invscaling"], ("solver", "eq", "sgd")),
    ]

    def run(p, seed):
        extra = dict(momentum=p["momentum"], learning_rate=p["schedule"]) if p["solver"] == "sgd" else {}
        return squared(
            chain(
                preprocessing.StandardScaler(),
                neural_network.MLPRegressor(
                    hidden_layer_sizes=[p["width_%d" % (i + 1)] for i in range(p["layers"])],
                    activation=p["activation"],
                    solver=p["solver"],
                    alpha=p["alpha"],
                    learning_rate_init=p["rate"],
                    batch_size=p["batch"],
                    max_iter=8,
                    tol=0,
                    n_iter_no_change=99,
                    random_state=seed,
                    **extra
                ),
            ),
            "friedman",
        )

    return noisy("mlp_friedman", params, run)


def xgb_wine():
    params = [
        category("booster", ["gbtree", "dart", "gblinear"]),
        category("policy", ["depthwise", "lossguide"]),
        whole("leaves", 2, 64, True, ("policy", "eq", "lossguide")),
        number("drop", 0, 0.9, False, ("booster", "eq", "dart")),
        category("normalize", ["tree", "forest"], ("booster", "eq", "dart")),
        whole("depth", 1, 10),
        number("eta", 1e-2, 1, True),
        whole("rounds", 2, 30, True),
        number("weight", 0.1, 20, True),
        number("rows", 0.3, 1),
        number("columns", 0.2, 1),
        number("lambda", 1e-3, 1e2, True),
        number("alpha", 1e-4, 10, True),
    ]

    def run(p):
        x, y, held, truth = rows("wine")
        words = {
            "booster": p["booster"],
            "eta": p["eta"],
            "lambda": p["lambda"],
            "alpha": p["alpha"],
            "nthread": 1,
            "seed": 0,
            "objective": "multi:softprob",
            "num_class": 3,
            "verbosity": 0,
        }
        if p["booster"] != "gblinear":
            words.update(
                max_depth=p["depth"],
                min_child_weight=p["weight"],
                subsample=p["rows"],
                tree_method="hist",
                colsample_bytree=p["columns"],
                grow_policy=p["policy"],
                max_leaves=p.get("leaves", 0),
            )
        if p["booster"] == "dart":
            words.update(rate_drop=p["drop"], normalize_type=p["normalize"])

        def score():
            model = xgboost.train(words, xgboost.DMatrix(x, y, nthread=1), p["rounds"])
            return metrics.log_loss(truth, np.clip(model.predict(xgboost.DMatrix(held, nthread=1)), 0.005, 1))

        return capped(score)

    return fixed("xgb_wine", params, run)


def linear_diabetes():
    params = [
        category("model", ["net", "ridge", "huber"]),
        category("scale", ["standard", "minmax", "quantile"]),
        whole("degree", 1, 3),
        whole("columns", 1, 10),
        number("alpha", 1e-5, 1e2, True),
        number("mix", 0, 1, False, ("model", "eq", "net")),
        category("kernel", ["rbf", "laplacian", "polynomial", "cosine"], ("model", "eq", "ridge")),
        number("gamma", 1e-4, 10, True, ("model", "eq", "ridge")),
        number("epsilon", 1.01, 3, False, ("model", "eq", "huber")),
    ]

    def run(p):
        model = {
            "net": lambda: linear_model.ElasticNet(p["alpha"], l1_ratio=p["mix"], max_iter=200),
            "ridge": lambda: kernel_ridge.KernelRidge(
                p["alpha"], kernel=p["kernel"], gamma=None if p["kernel"] == "cosine" else p["gamma"]
            ),
            "huber": lambda: linear_model.HuberRegressor(epsilon=p["epsilon"], alpha=p["alpha"], max_iter=30),
        }
        return squared(
            chain(
                feature_selection.SelectKBest(feature_selection.f_regression, k=p["columns"]),
                SCALERS[p["scale"]](),
                preprocessing.PolynomialFeatures(p["degree"]),
                model[p["model"]](),
            ),
            "diabetes",
        )

    return fixed("linear_diabetes", params, run)


MODELS = {
    f.__name__: f
    for f in (
        trees_diabetes,
        forest_blobs,
        boost_cancer,
        neighbors_digits,
        svr_friedman,
        sgd_pairs,
        tree_digits,
        mlp_friedman,
        xgb_wine,
        linear_diabetes,
    )
}
