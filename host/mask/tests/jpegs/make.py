#!/usr/bin/env python3
"""Writes `files.bin` and `pixels.png`: legal JPEGs of every kind that libjpeg-turbo's own tools and Pillow write, and their pixels as
libjpeg-turbo decodes them.

    python3 make.py    needs cjpeg, jpegtran and djpeg of libjpeg-turbo, Pillow and NumPy

`files.bin` holds for each file a line `NAME WIDTH HEIGHT BYTES`, then the file. `pixels.png` is grey and holds the bytes of all pixels
(red, green, blue), one file after the other, 1024 in a row.
"""
import io
import os
import subprocess
import tempfile

import numpy as np
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
SIZES = [(16, 16), (23, 17), (24, 20), (19, 21), (7, 29), (30, 3), (25, 25)]
SAMPLINGS = ["1x1", "2x1", "1x2", "2x2", "4x1", "1x4", "4x2", "2x4", "3x1", "1x3", "1x1,2x1,2x1", "1x1,2x2,2x2", "2x2,2x1,2x1",
             "2x2,1x2,1x2", "2x1,1x1,2x1", "1x1,1x2,1x2", "2x2,2x2,1x1"]
PROGRESSIVE = """0,1,2: 0-0, 0, 1; 0: 1-5, 0, 2; 2: 1-63, 0, 1; 1: 1-63, 0, 1; 0: 6-63, 0, 2; 0: 1-63, 2, 1; 0,1,2: 0-0, 1, 0;
2: 1-63, 1, 0; 1: 1-63, 1, 0; 0: 1-63, 1, 0;"""
WORK = tempfile.mkdtemp()
NOISE = np.random.default_rng(7)
files = []


def picture(size, kind):
    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    if kind == 0:
        rgb = np.stack([x * 255 / max(width - 1, 1), y * 255 / max(height - 1, 1), (x + y) * 255 / max(width + height - 2, 1)], -1)
    elif kind == 1:
        rgb = np.stack([128 + 100 * np.sin(x / 3), 128 + 100 * np.cos(y / 4), 128 + 90 * np.sin((x + y) / 5)], -1)
    else:
        rgb = np.full((height, width, 3), (30, 60, 200), float)
        rgb[height // 4:height * 3 // 4, width // 4:width * 3 // 4] = (220, 40, 30)
        rgb += NOISE.normal(0, 6, rgb.shape)
    return Image.fromarray(np.clip(rgb, 0, 255).astype("uint8"))


def run(*words, data=None):
    return subprocess.run(words, input=data, capture_output=True, check=True).stdout


def cjpeg(image, *words):
    data = io.BytesIO()
    image.save(data, "PPM")
    return run("cjpeg", *words, data=data.getvalue())


def pillow(image, **settings):
    data = io.BytesIO()
    image.save(data, "JPEG", **settings)
    return data.getvalue()


def in_file(name, text):
    path = os.path.join(WORK, name)
    with open(path, "w" if isinstance(text, str) else "wb") as file:
        file.write(text)
    return path


def pixels(jpeg):
    if Image.open(io.BytesIO(jpeg)).mode == "CMYK":
        # A simple mixture; djpeg does not convert it.
        inks = np.asarray(Image.open(io.BytesIO(jpeg))).astype(int)
        rgb = ((255 - inks[..., :3]) * (255 - inks[..., 3:]) + 127) // 255
        return Image.fromarray(rgb.astype("uint8"))
    return Image.open(io.BytesIO(run("djpeg", "-ppm", in_file("in.jpg", jpeg)))).convert("RGB")


def add(name, jpeg):
    files.append((name, jpeg, pixels(jpeg)))


each, two, pair = in_file("each", "0; 1; 2;"), in_file("two", "0; 1 2;"), in_file("pair", "0 1; 2;")
script = in_file("script", PROGRESSIVE)
tables = in_file("tables", " ".join(str(1 + at) for at in range(64)) + "\n" + " ".join(str(2 + at) for at in range(64)))
for at, sampling in enumerate(SAMPLINGS):
    for name, words in [("baseline", []), ("each", ["-scans", each]), ("progressive", ["-progressive"])]:
        image = picture(SIZES[(at + len(name)) % len(SIZES)], at % 3)
        add(f"{name}-{sampling}", cjpeg(image, "-quality", str([75, 85, 95, 50][at % 4]), "-sample", sampling, *words))
KINDS = {"restart-1": ["-restart", "1B"], "restart-rows": ["-restart", "2"], "optimised": ["-optimize"], "arithmetic": ["-arithmetic"],
         "arithmetic-progressive": ["-arithmetic", "-progressive"], "two": ["-scans", two], "pair": ["-scans", pair],
         "script": ["-scans", script], "quality-1": ["-quality", "1"], "quality-100": ["-quality", "100"], "grey": ["-grayscale"],
         "rgb": ["-rgb"], "restart-progressive": ["-restart", "1B", "-progressive"],
         "restart-each": ["-restart", "3B", "-scans", each], "tables": ["-qtables", tables, "-qslots", "0,1"]}
for sampling in ["1x1", "2x1", "2x2", "1x2"]:
    for name, words in KINDS.items():
        add(f"{name}-{sampling}", cjpeg(picture(SIZES[(len(name) + len(sampling)) % len(SIZES)], len(name) % 3), "-sample", sampling, *words))
for size in [(1, 1), (1, 20), (20, 1), (8, 8), (9, 8), (8, 9), (15, 16), (16, 15), (17, 17), (2, 2), (3, 5)]:
    for sampling in ["1x1", "2x1", "2x2", "1x2", "4x1", "4x2"]:
        add("size-%dx%d-%s" % (*size, sampling), cjpeg(picture(size, 0), "-sample", sampling))
for mode in ["RGB", "L", "CMYK", "YCbCr"]:
    for name, settings in [("baseline", {}), ("progressive", {"progressive": True}), ("optimised", {"optimize": True})]:
        add(f"pillow-{mode}-{name}", pillow(picture((21, 19), 1).convert(mode), quality=85, **settings))
for subsampling in range(3):
    add(f"pillow-{subsampling}", pillow(picture((21, 19), 2), subsampling=subsampling, quality=88))
base = cjpeg(picture((23, 17), 2), "-sample", "2x2")
add("fill-bytes", base.replace(b"\xff\xc0", b"\xff\xff\xff\xc0", 1))
add("comment", base[:2] + b"\xff\xfe\x00\x08hello!" + base[2:])
add("application-data", base[:2] + b"\xff\xe5\x00\x10" + b"x" * 14 + base[2:])
add("adobe-ycc", base[:2] + b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x01" + base[2:])
add("bytes-behind", base + b"\x00" * 40)
add("a-file-behind", base + b"JUNK" + base)
add("no-jfif", base[:2] + base[20:])
source = in_file("source.jpg", cjpeg(picture((32, 24), 1), "-sample", "2x2", "-quality", "85"))
for name, words in {"progressive": ["-progressive"], "restart": ["-restart", "2B"], "arithmetic": ["-arithmetic"], "grey": ["-grayscale"],
                    "rotated": ["-rotate", "90"], "flipped": ["-flip", "horizontal"], "transposed": ["-transpose"]}.items():
    add(f"jpegtran-{name}", run("jpegtran", *words, source))

with open(os.path.join(HERE, "files.bin"), "wb") as out:
    for name, jpeg, image in files:
        out.write(b"%s %d %d %d\n" % (name.encode(), *image.size, len(jpeg)) + jpeg)
data = b"".join(image.tobytes() for _, _, image in files)
data += bytes(-len(data) % 1024)
Image.frombytes("L", (1024, len(data) // 1024), data).save(os.path.join(HERE, "pixels.png"), optimize=True)
print(len(files), "files")
