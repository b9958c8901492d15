"""Writes rle_cases.json: masks, and the results of pycocotools for them.

    pip install numpy pycocotools
    python make_rle_cases.py

A mask is stored as its runs in row order (alternately outside and inside, the first outside). COCO tools use column order, so
this file and the tests both compute the COCO run lengths from the pixels.
"""

import json
import pathlib

import numpy as np
from pycocotools import mask as coco

rng = np.random.default_rng(20)


def runs_by_rows(mask):
    flat = np.concatenate([[0], mask.reshape(-1), [1 - mask.reshape(-1)[-1]]])
    return np.diff(np.concatenate([[0], np.flatnonzero(np.diff(flat))])).tolist()


def grid(height, width):
    return np.mgrid[0:height, 0:width].astype(np.float64)


def ellipse(height, width, x, y, a, b, angle):
    rows, columns = grid(height, width)
    u = (columns - x) * np.cos(angle) + (rows - y) * np.sin(angle)
    v = (rows - y) * np.cos(angle) - (columns - x) * np.sin(angle)
    return (u / a) ** 2 + (v / b) ** 2 <= 1


def blob(height, width, bumps, ring):
    rows, columns = grid(height, width)
    u, v = (columns - width / 2) / width, (rows - height / 2) / height
    radius = np.hypot(u, v) * (1 + 0.25 * np.sin(bumps * np.arctan2(v, u)))
    return (radius <= 0.4) & (radius >= ring)


def masks():
    sizes = [(1, 1), (1, 2), (2, 1), (1, 7), (7, 1), (1, 63), (1, 64), (1, 65), (63, 1), (64, 1), (65, 1), (1, 200), (200, 1)]
    sizes += [(2, 2), (3, 5), (5, 3), (17, 63), (17, 64), (17, 65), (63, 17), (64, 17), (65, 17), (64, 64), (65, 70), (129, 3)]
    for height, width in sizes:
        yield "zeros", np.zeros((height, width))
        yield "ones", np.ones((height, width))
        rows, columns = grid(height, width)
        yield "checkerboard", (rows + columns) % 2
        if height * width < 1000:
            yield "checkerboard from inside", (rows + columns + 1) % 2
        for share in (0.5, 0.05, 0.95):
            yield f"noise {share}", rng.random((height, width)) < share
    for height, width in [(63, 64), (64, 65), (65, 63), (100, 130)]:
        yield "ellipse", ellipse(height, width, width * 0.4, height * 0.6, width * 0.3, height * 0.2, 0.5)
        yield "corner pixels", corners(height, width)
        yield "stripes", grid(height, width)[1] % 3 == 0
        yield "rows", grid(height, width)[0] % 5 < 2
    for index in range(5):
        x, y = rng.uniform(200, 440), rng.uniform(150, 330)
        yield f"photo ellipse {index}", ellipse(480, 640, x, y, rng.uniform(40, 250), rng.uniform(40, 200), rng.uniform(0, 3))
    yield "photo blob", blob(480, 640, 5, 0)
    yield "photo ring", blob(480, 640, 3, 0.2)
    yield "photo zeros", np.zeros((480, 640))
    yield "photo ones", np.ones((480, 640))
    yield "photo frame", 1 - np.pad(np.ones((478, 638)), 1)


def corners(height, width):
    mask = np.zeros((height, width))
    mask[[0, 0, -1, -1], [0, -1, 0, -1]] = 1
    return mask


def main():
    cases, codes = [], []
    for name, mask in masks():
        mask = np.asfortranarray(mask.astype(np.uint8))
        code = coco.encode(mask)
        codes.append(code)
        cases.append({
            "name": f"{name} {mask.shape[1]}x{mask.shape[0]}",
            "size": list(mask.shape),
            "runs": runs_by_rows(np.ascontiguousarray(mask)),
            "counts": code["counts"].decode(),
            "area": int(coco.area(code)),
            "bbox": coco.toBbox(code).astype(int).tolist(),
        })
    ious = []
    for size in [(1, 1), (17, 63), (17, 64), (17, 65), (65, 70), (480, 640)]:
        members = [index for index, case in enumerate(cases) if case["size"] == list(size)]
        chosen = [codes[index] for index in members]
        matrix = coco.iou(chosen, chosen, [0] * len(chosen)).reshape(-1).tolist()
        # The values are written as text, since not every JSON reader keeps the last bit of a float.
        ious.append({"cases": members, "matrix": [repr(value) for value in matrix]})
    text = json.dumps({"cases": cases, "ious": ious}, separators=(",", ":")).replace('{"name"', '\n{"name"')
    pathlib.Path(__file__).with_name("rle_cases.json").write_text(text + "\n")


main()
