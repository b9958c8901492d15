"""Writes polygons.json: polygons, and the masks that pycocotools and OpenCV draw from them.

    pip install "numpy<2" opencv-python-headless==4.8.0.74 pycocotools        # the OpenCV that LISA's requirements name
    python polygons.py                        # what is committed
    python polygons.py SEED COUNT FILE        # more; the test reads FILE if RESCUE_POLYGONS names it

Each case is [width, height, polygons, counts]. The polygons under "coco" are flat lists of x and y; under "cv2" there is one,
a list of [x, y]. The counts are those of the mask as pycocotools encodes them.
"""

import json
import pathlib
import random
import sys

import cv2
import numpy as np
from pycocotools import mask as coco


def size(rng):
    return rng.choice([(1, 1), (1, 9), (9, 1), (2, 2), (3, 5), (60, 40), (64, 40)]) if rng.random() < 0.2 else (
        rng.randint(1, 60), rng.randint(1, 40))


def ring(rng, width, height, count):
    """A star-shaped polygon, somewhere near the picture."""
    x, y = rng.uniform(-0.2, 1.2) * width, rng.uniform(-0.2, 1.2) * height
    angles = sorted(rng.uniform(0, 2 * np.pi) for _ in range(count))
    radii = [rng.uniform(0.2, 0.7) for _ in angles]
    return [(x + width * r * np.cos(a), y + height * r * np.sin(a)) for a, r in zip(angles, radii)]


def scattered(rng, width, height, count, margin):
    return [(rng.uniform(-margin * width, (1 + margin) * width), rng.uniform(-margin * height, (1 + margin) * height))
            for _ in range(count)]


def collinear(rng, width, height, count):
    (x, y), (u, v) = scattered(rng, width, height, 2, 0.5)
    steps = [rng.randint(-2, 2) for _ in range(count)]
    x, y, u, v = round(x), round(y), round(u / 4), round(v / 4)
    return [(x + u * step, y + v * step) for step in steps]


def rectangle(rng, width, height):
    (x, y), (u, v) = scattered(rng, width, height, 2, rng.choice([0, 0.3]))
    return [(x, y), (u, y), (u, v), (x, v)]


def vertices(rng, width, height, least, far):
    count = rng.randint(least, 9)
    kind = rng.randrange(8)
    if kind <= 1:
        points = ring(rng, width, height, max(3, count))
    elif kind == 2:
        points = scattered(rng, width, height, count, 0)
    elif kind == 3:
        points = scattered(rng, width, height, count, 1)
    elif kind == 4:
        points = collinear(rng, width, height, count)
    elif kind == 5:
        points = rectangle(rng, width, height)
    elif kind == 6:
        points = scattered(rng, width, height, count, rng.choice([3, 10, far]))
    else:
        points = scattered(rng, width, height, count, 0.1)
        for i in range(len(points)):
            if rng.random() < 0.3:
                points[i] = rng.choice([(-far, -far), (far, far), (far, points[i][1]), (points[i][0], -far)])
    for _ in range(rng.choice([0, 0, 1, 3])):
        points.insert(rng.randrange(len(points) + 1), rng.choice(points))
    return points


def encode(mask):
    return coco.encode(np.asfortranarray(mask))["counts"].decode()


def coco_case(rng):
    width, height = size(rng)
    places = rng.choice([0, 1, 1, 2, 2, 3])
    polygons = []
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        points = vertices(rng, width, height, 3, rng.choice([100, 2000]))
        step = rng.choice([0, 0, 0.2, 0.5, 0.1])
        snap = (lambda v: round(round(v / step) * step, 2)) if step else (lambda v: round(v, places))
        polygons.append([float(snap(value)) for point in points for value in point])
    objects = coco.frPyObjects(polygons, height, width)
    return [width, height, polygons, encode(coco.decode(coco.merge(objects)))]


def cv2_case(rng):
    width, height = size(rng)
    points = [[int(x), int(y)] for x, y in vertices(rng, width, height, 1, rng.choice([100, 5000, 40000]))]
    mask = np.zeros((height, width), dtype=np.uint8)
    cv2.polylines(mask, np.array([points], dtype=np.int32), True, 1, 1)
    cv2.fillPoly(mask, np.array([points], dtype=np.int32), 1)
    return [width, height, points, encode(mask)]


seed, count, file = (sys.argv[1:] + ["21", "300", pathlib.Path(__file__).with_suffix(".json")])[:3]
rng = random.Random(int(seed))
file = pathlib.Path(file)
table = {name: [case(rng) for _ in range(int(count))] for name, case in [("coco", coco_case), ("cv2", cv2_case)]}
lines = [f'"{name}":[\n' + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]"
         for name, cases in table.items()]
file.write_text("{" + ",\n".join(lines) + "}\n")
