"""Computes what scikit-learn finds on small data, for test/classic: python test/golden/make_classic.py (scikit-learn 1.9)"""

import json
import warnings
from pathlib import Path

import numpy as np
from sklearn import datasets
from sklearn.ensemble import AdaBoostClassifier
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.mixture import GaussianMixture
from sklearn.neural_network import BernoulliRBM
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier


def short(values, digits=9):
    return [float(f"{v:.{digits}g}") for v in np.asarray(values, dtype=float).reshape(-1)]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    generator = np.random.default_rng(0)
    moons, sides = datasets.make_moons(60, noise=0.2, random_state=1)
    moons = moons.round(3)
    iris = datasets.load_iris()
    golden = {
        "moons": {"x": moons.tolist(), "y": sides.tolist()},
        "plainMoons": short(datasets.make_moons(9, shuffle=False)[0]),
        "plainCircles": short(datasets.make_circles(9, shuffle=False, factor=0.5)[0]),
        "irisSums": short(iris.data.sum(axis=0)),
    }

    perceptron = {}
    for name, x, y, passes in (("moons", moons, sides, 7), ("iris", iris.data, iris.target, 5)):
        model = Perceptron(shuffle=False, tol=None, max_iter=passes).fit(x, y)
        perceptron[name] = {"passes": passes, "coef": short(model.coef_), "intercept": short(model.intercept_)}
    golden["perceptron"] = perceptron

    machines = []
    for options in (
        {"kernel": "linear", "C": 1.0},
        {"kernel": "linear", "C": 100.0},
        {"kernel": "rbf", "C": 1.0},
        {"kernel": "rbf", "C": 10.0, "gamma": 2.0},
        {"kernel": "rbf", "C": 1000.0, "gamma": "auto"},
        {"kernel": "poly", "C": 1.0, "degree": 3, "gamma": 1.0, "coef0": 1.0},
    ):
        model = SVC(**options, tol=1e-7).fit(moons, sides)
        machines.append(
            {
                "options": options,
                "support": sorted(model.support_.tolist()),
                "decision": short(model.decision_function(moons), 7),
                "intercept": float(model.intercept_[0]),
            }
        )
    golden["svm"] = machines
    model = SVC(kernel="rbf", C=1.0, tol=1e-7).fit(iris.data, iris.target)
    golden["svmIris"] = {"predicted": model.predict(iris.data).tolist(), "support": sorted(model.support_.tolist())}

    logistic = []
    for name, x, y, c in (("moons", moons, sides, 1.0), ("moons", moons, sides, 50.0), ("iris", iris.data, iris.target, 1.0)):
        model = LogisticRegression(C=c, tol=1e-10, max_iter=10000).fit(x, y)
        logistic.append(
            {
                "data": name,
                "C": c,
                "coef": short(model.coef_, 7),
                "intercept": short(model.intercept_ - (model.intercept_.mean() if len(model.intercept_) > 1 else 0), 7),
                "probabilities": short(model.predict_proba(x)[:5], 7),
            }
        )
    golden["logistic"] = logistic

    mixtures = []
    means = [[5.0, 3.4, 1.5, 0.2], [6.0, 2.8, 4.2, 1.3], [6.6, 3.0, 5.6, 2.0]]
    for kind in ("full", "diag"):
        model = GaussianMixture(
            3,
            covariance_type=kind,
            means_init=means,
            weights_init=[1 / 3] * 3,
            precisions_init=np.stack([np.eye(4)] * 3) if kind == "full" else np.ones((3, 4)),
            tol=1e-6,
            max_iter=200,
        ).fit(iris.data)
        mixtures.append(
            {
                "kind": kind,
                "means": short(model.means_, 7),
                "weights": short(model.weights_, 7),
                "covariances": short(model.covariances_, 6),
                "score": float(model.score(iris.data)),
                "bic": float(model.bic(iris.data)),
                "steps": int(model.n_iter_),
            }
        )
    golden["mixture"] = {"init": means, "cases": mixtures}

    # Three overlapping heaps: in the irises several thresholds are equally good, and scikit-learn draws one of them.
    kinds = np.arange(60) % 3
    heaps = (generator.normal(0, 1, (60, 3)) + np.array([[0, 0, 0], [2, 0, 1], [0, 2, 1]])[kinds]).round(4)
    boosted = []
    for name, x, y, count in (("moons", moons, sides, 20), ("heaps", heaps, kinds, 10)):
        model = AdaBoostClassifier(DecisionTreeClassifier(max_depth=1), n_estimators=count, random_state=0).fit(x, y)
        boosted.append(
            {
                "x": x.tolist(),
                "y": y.tolist(),
                "weights": short(model.estimator_weights_[: len(model.estimators_)]),
                "errors": short(model.estimator_errors_[: len(model.estimators_)]),
                "features": [int(tree.tree_.feature[0]) for tree in model.estimators_],
                "thresholds": short([tree.tree_.threshold[0] for tree in model.estimators_], 7),
                "predicted": model.predict(x).tolist(),
            }
        )
    golden["adaboost"] = boosted

    machine = BernoulliRBM(3)
    machine.components_ = generator.normal(0, 1, (3, 4)).round(3)
    machine.intercept_hidden_ = generator.normal(0, 1, 3).round(3)
    machine.intercept_visible_ = generator.normal(0, 1, 4).round(3)
    visible = generator.integers(0, 2, (5, 4)).astype(float)
    golden["rbm"] = {
        "components": machine.components_.tolist(),
        "hidden": machine.intercept_hidden_.tolist(),
        "visible": machine.intercept_visible_.tolist(),
        "data": visible.tolist(),
        "energies": short(machine._free_energy(visible)),
        "transformed": short(machine.transform(visible)),
    }
    golden["scaled"] = {
        "standard": short(StandardScaler().fit_transform(iris.data)[:3]),
        "minMax": short(MinMaxScaler().fit_transform(iris.data)[:3]),
    }
    Path(__file__).with_name("classic.json").write_text(json.dumps(golden, separators=(",", ":")))
