"""A client of the original system's design, written from its description. Usage: python client.py URLS PHOTO QUERY N.

Python, requests, a pool of 64 threads: N planning requests, a mask for each box, a similarity for each mask, and N - 1 duels of a single
elimination, each with the photo and two overlays that are drawn and encoded for it. Prints its cost as JSON.
"""

import base64
import concurrent.futures
import io
import json
import re
import resource
import sys
import threading
import time

import numpy as np
import requests
from PIL import Image

URLS, PHOTO, QUERY, N = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
local = threading.local()


def post(url, body):
    if not hasattr(local, "session"):
        local.session = requests.Session()
    response = local.session.post(url, json=body, timeout=120)
    response.raise_for_status()
    return response.json()


def jpeg(image):
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return base64.b64encode(file.getvalue()).decode()


def chat(url, text, pictures, seed):
    content = [{"type": "image_url", "image_url": {"url": "data:image/jpeg;base64," + one}} for one in pictures]
    content.append({"type": "text", "text": text})
    body = {"model": "fleet-vlm", "messages": [{"role": "user", "content": content}], "temperature": 0.7, "seed": seed,
            "max_tokens": 512}
    return post(url + "/chat/completions", body)["choices"][0]["message"]["content"]


def plan(index):
    image = Image.open(PHOTO).convert("RGB")
    text = f"Find {QUERY} ({index}). Reply with lines Reasoning:, Target Concept:, Box: [x1, y1, x2, y2] in 0..1000."
    reply = chat(URLS["planner"], text, [jpeg(image)], index)
    numbers = [int(number) for number in re.findall(r"-?\d+", reply.split("Box:")[-1])[:4]]
    return numbers if len(numbers) == 4 else [0, 0, 1000, 1000]


def segment(box):
    image = Image.open(PHOTO).convert("RGB")
    prompt = {"type": "box", "box": [value / 1000 for value in box], "label": True}
    body = {"image": jpeg(image), "prompts": [prompt], "confidence_threshold": 0.5}
    mask = post(URLS["executor"] + "/api/v1/image/segment", body)["masks"][0]
    return np.array(Image.open(io.BytesIO(base64.b64decode(mask))).convert("L")) >= 128


def similarity(mask):
    image = np.array(Image.open(PHOTO).convert("RGB"))
    rows, columns = np.where(mask)
    if len(rows) == 0:
        return 0.0
    image = np.where(mask[..., None], image, 0).astype(np.uint8)
    crop = image[max(rows.min() - 10, 0):rows.max() + 11, max(columns.min() - 10, 0):columns.max() + 11]
    return post(URLS["clip"], {"crops": [jpeg(Image.fromarray(crop))], "query": QUERY})["scores"][0]


def overlay(mask):
    image = np.array(Image.open(PHOTO).convert("RGB"))
    red = np.where(mask[..., None], image * 0.5 + np.array([255, 0, 0]) * 0.5, image)
    return jpeg(Image.fromarray(red.astype(np.uint8)))


def duel(pair):
    text = f"Which marked area is {QUERY}? Reply with ANSWER: LEFT or ANSWER: RIGHT."
    photo = jpeg(Image.open(PHOTO).convert("RGB"))
    reply = chat(URLS["verifier"], text, [photo, overlay(pair[0][1]), overlay(pair[1][1])], 0)
    return pair[1] if "RIGHT" in reply else pair[0]


start, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
with concurrent.futures.ThreadPoolExecutor(64) as pool:
    boxes = list(pool.map(plan, range(N)))
    masks = list(pool.map(segment, boxes))
    scores = list(pool.map(similarity, masks))
    field = [(score, mask) for score, mask in zip(scores, masks)]
    while len(field) > 1:
        pairs = [(field[at], field[at + 1]) for at in range(0, len(field) - 1, 2)]
        field = list(pool.map(duel, pairs)) + field[len(pairs) * 2:]
now = resource.getrusage(resource.RUSAGE_SELF)
cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
print(json.dumps({"wall": time.perf_counter() - start, "cpu": cpu, "peak": now.ru_maxrss * 1024}))
