"""Measures other packages for `rescue-bench-mask`. Usage: python peers.py FOLDER.

FOLDER holds the masks and the photo that the benchmark wrote. The script writes there peers.json with medians in milliseconds,
the run lengths of each COCO package as text, and the masks as Pillow's PNG files.
"""

import functools
import importlib.metadata
import io
import json
import os
import pathlib
import statistics
import sys
import time

# Each package gets one thread, as our code does.
for variable in ("RAYON_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"

import cv2
import faster_coco_eval.core.mask as faster
import hotcoco.mask as hotcoco
import numpy as np
import pycocotools.mask as pycocotools
from PIL import Image

cv2.setNumThreads(1)
FOLDER = pathlib.Path(sys.argv[1])
WIDTH, HEIGHT = 1024, 768
COCO = {"pycocotools": pycocotools, "faster-coco-eval": faster, "hotcoco": hotcoco}
PACKAGES = ("numpy", "pycocotools", "faster-coco-eval", "hotcoco", "pillow", "opencv-python-headless")

times = {}


def measure(operation, who, work):
    """Takes the median of as many runs as fit into 0.6 s, but at least 5. Keeps the best if a package is measured in several ways."""
    work()
    begun, runs = time.perf_counter(), []
    while len(runs) < 5 or time.perf_counter() - begun < 0.6:
        start = time.perf_counter()
        work()
        runs.append((time.perf_counter() - start) * 1e3)
    ways = times.setdefault(operation, {})
    ways[who] = min(ways.get(who, float("inf")), statistics.median(runs))


def read(name):
    return np.fromfile(FOLDER / f"{name}.raw", np.uint8).reshape(-1, HEIGHT, WIDTH)


def coco(name, masks, encode, decode, iou):
    """Measures the COCO packages. They get the memory layout that suits them best."""
    columns = np.asfortranarray((masks > 0).astype(np.uint8).transpose(1, 2, 0))
    each = [np.asfortranarray(mask) for mask in (masks > 0).astype(np.uint8)]
    ious = {}
    for who, package in COCO.items():
        measure(encode, who, lambda: package.encode(columns))
        measure(encode, who, lambda: [package.encode(mask) for mask in each])
        runs = package.encode(columns)
        measure(decode, who, lambda: package.decode(runs))
        measure(decode, who, lambda: [package.decode(run) is None for run in runs])
        crowd = [0] * len(runs)
        measure(iou, who, lambda: package.iou(runs, runs, crowd))
        ious[who] = np.asarray(package.iou(runs, runs, crowd), np.float64).reshape(-1).tolist()
        texts = [run["counts"] if isinstance(run["counts"], str) else run["counts"].decode() for run in runs]
        (FOLDER / f"{name}-{who}.txt").write_text("\n".join(texts) + "\n")
    return ious


def ratios(flat):
    shared = flat @ flat.T
    areas = np.diag(shared)
    return shared / (areas[:, None] + areas[None, :] - shared)


def blend_numpy(photo, mask):
    inside = photo[mask]
    photo[mask] = (inside.astype(np.uint16) + np.array([255, 0, 0], np.uint16)) // 2


def blend_opencv(photo, mask, red):
    cv2.copyTo(cv2.addWeighted(photo, 0.5, red, 0.5, 0), mask, photo)


def jpeg_pillow(photo):
    file = io.BytesIO()
    Image.fromarray(photo).save(file, "JPEG", quality=85)
    return file


def main():
    blobs, noise = read("blobs"), read("noise")
    ious = coco("blobs", blobs, "RLE encode × 64, blobs", "RLE decode × 64, blobs", "IoU 64 × 64, blobs")
    coco("noise", noise, "RLE encode × 8, noise", "RLE decode × 8, noise", "IoU 8 × 8, noise")
    for name, masks in (("IoU 64 × 64, blobs", blobs), ("IoU 8 × 8, noise", noise)):
        flat = (masks.reshape(len(masks), -1) > 0).astype(np.float32)
        measure(name, "NumPy", lambda: ratios(flat))
    inside = [mask > 0 for mask in blobs]
    pack = functools.partial(np.packbits, axis=-1, bitorder="little")
    measure("pack 64 masks to bits, from memory", "NumPy", lambda: [pack(mask) is None for mask in inside])
    measure("pack one mask × 64, from cache", "NumPy", lambda: [pack(inside[0]) is None for _ in range(64)])

    files = []
    for index, mask in enumerate(blobs):
        Image.fromarray(mask).save(FOLDER / f"{index}.png")
        files.append((FOLDER / f"{index}.png").read_bytes())
    png = "PNG mask decode × 64"
    measure(png, "Pillow", lambda: [(np.asarray(Image.open(io.BytesIO(file))) >= 128) is None for file in files])
    buffers = [np.frombuffer(file, np.uint8) for file in files]
    measure(png, "OpenCV", lambda: [(cv2.imdecode(file, cv2.IMREAD_GRAYSCALE) >= 128) is None for file in buffers])

    photo = np.fromfile(FOLDER / "photo.raw", np.uint8).reshape(HEIGHT, WIDTH, 3)
    middle = sorted(blobs, key=np.count_nonzero)[len(blobs) // 2]
    red = np.zeros_like(photo)
    red[:, :, 0] = 255
    measure("overlay of one mask", "NumPy", lambda: blend_numpy(photo, middle > 0))
    measure("overlay of one mask", "OpenCV", lambda: blend_opencv(photo, middle, red))
    photo = np.fromfile(FOLDER / "photo.raw", np.uint8).reshape(HEIGHT, WIDTH, 3)
    quality = [cv2.IMWRITE_JPEG_QUALITY, 85]
    measure("JPEG encode, quality 85", "Pillow", lambda: jpeg_pillow(photo))
    measure("JPEG encode, quality 85", "OpenCV", lambda: cv2.imencode(".jpg", photo, quality))
    jpeg = (FOLDER / "photo.jpg").read_bytes()
    measure("JPEG decode", "Pillow", lambda: np.asarray(Image.open(io.BytesIO(jpeg))))
    measure("JPEG decode", "OpenCV", lambda: cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR))

    for name, masks in (("components × 64, blobs", blobs), ("components × 8, noise", noise)):
        measure(name, "OpenCV", lambda: [cv2.connectedComponents(mask)[0] for mask in masks])
    rows, columns = np.mgrid[-5:6, -5:6]
    disc = (rows**2 + columns**2 < 5.5**2).astype(np.uint8)
    measure("grow by 5 pixels × 64", "OpenCV", lambda: [cv2.dilate(mask, disc) is None for mask in blobs])

    versions = ", ".join(f"{package} {importlib.metadata.version(package)}" for package in PACKAGES)
    report = {"versions": versions, "times": times, "ious": ious}
    (FOLDER / "peers.json").write_text(json.dumps(report))


main()
