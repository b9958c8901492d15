"""Makes metrics.json: cases with the values of the metrics by the definitions of the reference code, in numpy.

- gIoU and cIoU: LISA's train_ds.py, validate(): sums of intersections and unions of class 1, ignored pixels (255) left out; the IoU of an entry
  without any pixel of either is 1 ("no-object target"). The option 0 is VisionReasoner's and RESCue's.
- gRefCOCO's ReferEvaluator: an entry without a target counts 1 if nothing is predicted (and adds nothing to the sums), else 0 (and its pixels are
  added to the unions); Pr@X counts entries with a target alone; N_acc = TP / (TP + FN), T_acc = TN / (TN + FP) of "no target".

    python metrics.py > metrics.json
"""

import json

import numpy as np

THRESHOLDS = [0.5, 0.6, 0.7, 0.8, 0.9]
random = np.random.default_rng(7)


def blob(height, width, low, high):
    """A rectangle with a ragged edge."""
    mask = np.zeros((height, width), bool)
    y, x = random.integers(0, height), random.integers(0, width)
    h, w = random.integers(low, high + 1, 2)
    mask[y : y + h, x : x + w] = True
    return mask & (random.random((height, width)) < 0.95)


def rows(inside, ignore=None):
    ignore = np.zeros_like(inside) if ignore is None else ignore
    return ["".join("x" if i else "#" if m else "." for m, i in zip(*line)) for line in zip(inside, ignore)]


def entry(truth, predicted, ignore=None):
    return {"truth": truth, "predicted": predicted, "ignore": ignore}


def metrics(entries, empty):
    ious, precision, sums = [], [], [0, 0]
    tp = fn = tn = fp = 0
    for one in entries:
        truth, ignore = one["truth"], one["ignore"]
        label = truth.astype(int)
        if ignore is not None:
            label[ignore] = 255
        predicted = np.zeros_like(truth) if one["predicted"] is None else one["predicted"]
        valid = label != 255
        intersection = int(((label == 1) & predicted & valid).sum())
        union = int((((label == 1) | predicted) & valid).sum())
        iou = intersection / union if union else empty
        is_nothing = not predicted.any()
        if not (label == 1).any():
            tp += is_nothing
            fn += not is_nothing
        else:
            fp += is_nothing
            tn += not is_nothing
            precision.append(iou)
        ious.append(iou)
        sums[0] += intersection
        sums[1] += union
    return {
        "giou": float(np.mean(ious)),
        "ciou": sums[0] / sums[1] if sums[1] else None,
        "precision": [float(np.mean([iou >= t for iou in precision])) for t in THRESHOLDS] if precision else None,
        "n_acc": tp / (tp + fn) if tp + fn else None,
        "t_acc": tn / (tn + fp) if tn + fp else None,
    }


def case(name, entries):
    return {
        "name": name,
        "entries": [
            {
                "truth": rows(e["truth"] & ~(e["ignore"] if e["ignore"] is not None else False), e["ignore"]),
                "predicted": None if e["predicted"] is None else rows(e["predicted"]),
            }
            for e in entries
        ],
        "one": metrics(entries, 1.0),
        "zero": metrics(entries, 0.0),
    }


def nothing(height=6, width=9):
    return np.zeros((height, width), bool)


def half(height=6, width=10):
    mask = nothing(height, width)
    mask[:, : width // 2] = True
    return mask


def part(share, height=10, width=10):
    """A prediction whose IoU with the whole picture is exactly this share."""
    mask = nothing(height, width)
    mask.ravel()[: round(share * mask.size)] = True
    return mask


cases = [
    case("equal", [entry(half(), half())]),
    case("apart", [entry(half(), ~half())]),
    case("both empty", [entry(nothing(), nothing())]),
    case("no target, nothing predicted", [entry(nothing(), None)]),
    case("no target, something predicted", [entry(nothing(6, 10), half())]),
    case("a target, nothing predicted", [entry(half(), None)]),
    case("a target, an empty mask", [entry(half(), nothing(6, 10))]),
    case("all ignored but the target", [entry(half(), ~nothing(6, 10), ~half())]),
    case("what is predicted is ignored", [entry(half(), ~half(), ~half())]),
    case("all of the truth is beside an ignored part", [entry(half() & ~part(0.2, 6, 10), half(), part(0.2, 6, 10))]),
    case("everything is ignored", [entry(nothing(), ~nothing(), ~nothing())]),
    case("two objects, one found", [entry(part(1.0), part(0.5))]),
    case("four corners", [entry(np.kron(np.eye(2, dtype=bool), np.ones((3, 5), bool)), half())]),
]
# IoUs at the thresholds themselves: at least is meant.
for share in [0.49, 0.5, 0.51, 0.6, 0.7, 0.8, 0.9, 0.99, 1.0]:
    cases.append(case(f"IoU {share}", [entry(part(1.0), part(share))]))
for number in range(12):
    entries = []
    for _ in range(random.integers(2, 9)):
        height, width = random.integers(3, 14, 2)
        truth = nothing(height, width) if random.random() < 0.2 else blob(height, width, 2, 9)
        ignore = blob(height, width, 1, 4) if random.random() < 0.4 else None
        if ignore is not None:
            truth = truth & ~ignore
        kind = random.random()
        predicted = None if kind < 0.15 else truth.copy() if kind < 0.3 else truth ^ (random.random(truth.shape) < 0.2)
        entries.append(entry(truth, predicted, ignore))
    cases.append(case(f"random {number}", entries))
# A large one weighs more in cIoU, and no more in gIoU.
for number in range(6):
    small, large = blob(8, 8, 2, 4), blob(40, 60, 20, 40)
    cases.append(case(f"small and large {number}", [entry(small, small), entry(large, large ^ (random.random(large.shape) < 0.3))]))
for number in range(4):
    entries = [entry(nothing(5, 5), None if random.random() < 0.5 else blob(5, 5, 2, 3)) for _ in range(8)]
    entries += [entry(half(6, 6), None if random.random() < 0.3 else half(6, 6)) for _ in range(5)]
    cases.append(case(f"with and without targets {number}", entries))

print(json.dumps(cases, separators=(",", ":")))
