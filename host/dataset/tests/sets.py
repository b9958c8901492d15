"""Makes small data sets in every form that the crate reads, below sets/, and sets/expected.json: for each entry its sentence, and its true mask
as the reference code of that form computes it, in COCO's run lengths.

- ReasonSeg: get_mask_from_json of LISA's utils/data_processing.py, with OpenCV.
- RefCOCO and its kind, gRefCOCO, MUSE: refer.py, grefer.py and PixelLM's multi_reason_seg_val_dataset.py, with pycocotools; the union of several.
- Parquet: the columns of the copies on the hub.

    pip install "numpy<2" opencv-python-headless==4.8.0.74 pycocotools "pyarrow<20" pillow        # the OpenCV that LISA's requirements name
    python sets.py
"""

import io
import json
import pickle
import shutil
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image
from pycocotools import mask as coco

random = np.random.default_rng(3)
root = Path(__file__).parent / "sets"
shutil.rmtree(root, ignore_errors=True)
expected = {}


def photo(width, height):
    noise = random.integers(0, 255, (height // 8 + 1, width // 8 + 1, 3)).astype(np.uint8)
    image = Image.fromarray(noise).resize((width, height), Image.BILINEAR)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=60)
    return buffer.getvalue()


def polygon(width, height, corners=5):
    centre = random.uniform(0.3, 0.7, 2) * (width, height)
    angles = np.sort(random.uniform(0, 2 * np.pi, corners))
    radius = random.uniform(0.2, 0.6, corners) * min(width, height)
    return np.stack([centre[0] + radius * np.cos(angles), centre[1] + radius * np.sin(angles)], 1).round(2)


def counts(mask):
    return coco.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode()


def entry(id, query, mask, ignore=None, no_target=False):
    height, width = mask.shape
    ignored = None if ignore is None or not ignore.any() else counts(ignore)
    return {"id": id, "query": query, "width": width, "height": height, "counts": counts(mask), "ignore": ignored, "no_target": no_target}


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def lisa(shapes, width, height):
    """get_mask_from_json, on shapes that were read."""
    valid, areas = [], []
    for shape in shapes:
        if shape["label"].lower() == "flag":
            continue
        points = np.array([shape["points"]], dtype=np.int32)
        one = np.zeros((height, width), np.uint8)
        cv2.polylines(one, points, True, 1, 1)
        cv2.fillPoly(one, points, 1)
        valid.append(shape)
        areas.append(one.sum())
    mask = np.zeros((height, width), np.uint8)
    for index in list(np.argsort(areas)[::-1]):
        shape = valid[index]
        value = 255 if "ignore" in shape["label"].lower() else 1
        points = np.array([shape["points"]], dtype=np.int32)
        cv2.polylines(mask, points, True, value, 1)
        cv2.fillPoly(mask, points, value)
    return mask


def reasonseg():
    entries, rows = [], []
    for number in range(6):
        width, height = [(64, 48), (40, 60)][number % 2]
        labels = [["target"], ["target", "ignore"], ["target", "flag", "target"], ["ignore area", "target"], ["Target", "ignore"], ["target"]][number]
        shapes = [{"label": label, "points": polygon(width, height).tolist()} for label in labels]
        text = ["the café’s chair", "where one can sit", "something to drink from ", "a lamp", "the thing that keeps one dry", "x"][number]
        data = {"shapes": shapes, "text": [text, "another wording"], "is_sentence": number % 2 == 0}
        encoded = json.dumps(data, ensure_ascii=False).encode("cp1252" if number == 0 else "utf-8")
        image = photo(width, height)
        write(root / f"reasonseg/val/photo_{number}.json", encoded)
        write(root / f"reasonseg/val/photo_{number}.jpg", image)
        mask = lisa(shapes, width, height)
        entries.append(entry(f"photo_{number}", text.strip(), mask == 1, mask == 255))
        rows.append((image, text, mask.astype(bool), number))
    expected["reasonseg:reasonseg"] = entries
    table = pa.table(
        {
            "image": pa.array([{"bytes": image, "path": None} for image, *_ in rows], pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
            "text": [text for _, text, *_ in rows],
            "mask": pa.array([mask.tolist() for *_, mask, _ in rows], pa.list_(pa.list_(pa.bool_()))),
            "image_id": [f"photo_{number}" for *_, number in rows],
            "ann_id": [str(number) for *_, number in rows],
            "img_height": [mask.shape[0] for *_, mask, _ in rows],
            "img_width": [mask.shape[1] for *_, mask, _ in rows],
        }
    )
    (root / "reasonseg-parquet/data").mkdir(parents=True)
    pq.write_table(table, root / "reasonseg-parquet/data/val-00000-of-00001.parquet", row_group_size=4)
    expected["reasonseg:reasonseg-parquet"] = [
        entry(f"photo_{number}-{number}", text.strip(), mask) for _, text, mask, number in rows
    ]


def shapes_of(width, height):
    """A segmentation in each of COCO's forms, with its mask."""
    forms = []
    polygons = [polygon(width, height).ravel().tolist() for _ in range(2)]
    forms.append((polygons, coco.decode(coco.merge(coco.frPyObjects(polygons, height, width))).astype(bool)))
    mask = random.random((height, width)) < 0.3
    compressed = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
    forms.append(({"size": [height, width], "counts": compressed["counts"].decode()}, mask))
    flat = mask.ravel(order="F").astype(int)
    runs, value, length = [], 0, 0
    for pixel in flat:
        if pixel != value:
            runs.append(length)
            value, length = pixel, 0
        length += 1
    runs.append(length)
    forms.append(({"size": [height, width], "counts": runs}, mask))
    forms.append(([{"size": [height, width], "counts": compressed["counts"].decode()}], mask))
    return forms


def refcoco():
    width, height = 64, 48
    images = [{"id": 100 + i, "file_name": f"COCO_train2014_{i}.jpg", "width": width, "height": height} for i in range(3)]
    for image in images:
        write(root / f"images/mscoco/images/train2014/{image['file_name']}", photo(width, height))
    annotations, masks = [], {}
    for image in images:
        for shape, mask in shapes_of(width, height):
            number = len(annotations) + 1
            annotations.append({"id": number, "image_id": image["id"], "category_id": 18, "segmentation": shape, "iscrowd": 0, "bbox": [0, 0, 1, 1]})
            masks[number] = mask
    instances = {"images": images, "annotations": annotations, "categories": [{"id": 18, "name": "dog"}]}
    refs, entries = [], []
    for number, annotation in enumerate(annotations):
        sentences = [{"sent": f"the dog {number} {k}", "raw": "x", "tokens": ["the"], "sent_id": 2 * number + k} for k in range(1 + number % 2)]
        split = ["val", "testA"][number % 3 == 2]
        refs.append(
            {"ref_id": number, "ann_id": annotation["id"], "image_id": annotation["image_id"], "category_id": 18, "split": split,
             "file_name": f"COCO_train2014_{number}_1.jpg", "sentences": sentences, "sent_ids": [s["sent_id"] for s in sentences]}
        )
        if split == "val":
            entries += [entry(f"{number}-{s['sent_id']}", s["sent"], masks[annotation["id"]]) for s in sentences]
    write(root / "refcoco/refs(unc).p", pickle.dumps(refs, protocol=2))
    write(root / "refcoco/refs(google).p", pickle.dumps(refs[:2], protocol=0))
    write(root / "refcoco/instances.json", json.dumps(instances))
    expected["refcoco:refcoco"] = entries

    grefs, entries = [], []
    for number, ids in enumerate([[1], [1, 2], [-1], [3, 4]]):
        sentence = {"sent": f"all of {ids}", "raw": "x", "tokens": [], "sent_id": number}
        grefs.append({"ref_id": number, "ann_id": ids, "image_id": 100, "category_id": [18], "split": "val", "no_target": ids == [-1], "sentences": [sentence]})
        union = np.zeros((height, width), bool)
        for id in ids:
            union |= masks.get(id, union)
        entries.append(entry(f"{number}-{number}", sentence["sent"], union, no_target=ids == [-1]))
    write(root / "grefcoco/grefs(unc).json", json.dumps(grefs))
    write(root / "grefcoco/instances.json", json.dumps(instances))
    expected["refcoco:grefcoco"] = entries

    captioned = [dict(annotation, caption=f"the {annotation['id']}th dog") for annotation in annotations[:4]]
    write(root / "coco/instances.json", json.dumps(dict(instances, annotations=captioned)))
    expected["coco:coco"] = [entry(str(a["id"]), a["caption"], masks[a["id"]]) for a in captioned]

    muse = [
        {"file_name": images[0]["file_name"], "height": height, "width": width, "questions": ["what barks?", "what else?"],
         "answers": [[{"segmentation": annotations[0]["segmentation"]}, {"segmentation": annotations[1]["segmentation"]}],
                     [{"segmentation": annotations[2]["segmentation"]}]]},
        {"coco_url": f"http://images/train2014/{images[1]['file_name']}", "height": height, "width": width, "questions": ["who?"],
         "answers": [[{"segmentation": annotations[4]["segmentation"]}]]},
    ]
    write(root / "muse/muse_val.json", json.dumps(muse))
    expected["muse:muse"] = [
        entry("0-0", "what barks?", masks[1] | masks[2]),
        entry("0-1", "what else?", masks[3]),
        entry("1-0", "who?", masks[5]),
    ]

    polygons = [polygon(width, height, 6).ravel() for _ in range(3)]
    bytes = [photo(width, height) for _ in polygons]
    table = pa.table(
        {
            "question_id": [str(number) for number in range(3)],
            "image": pa.array([{"bytes": one, "path": "x.jpg"} for one in bytes], pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
            "question": ["Please describe it."] * 3,
            "answer": [["left dog", "dog"], ["the cat"], ["b"]],
            "segmentation": pa.array([one.tolist() for one in polygons], pa.list_(pa.float32())),
            "bbox": pa.array([[0, 0, 1, 1]] * 3, pa.list_(pa.float32())),
            "iscrowd": [0] * 3,
            "file_name": ["x.jpg"] * 3,
        }
    )
    (root / "refcoco-parquet").mkdir()
    pq.write_table(table, root / "refcoco-parquet/val-00000-of-00001.parquet", compression="zstd")
    entries = []
    for number, (answers, one) in enumerate(zip(table["answer"].to_pylist(), table["segmentation"].to_pylist())):
        mask = coco.decode(coco.merge(coco.frPyObjects([one], height, width))).astype(bool)
        entries += [entry(f"{number}-{k}", answer, mask) for k, answer in enumerate(answers)]
    expected["refcoco:refcoco-parquet"] = entries


def own():
    width, height = 40, 30
    lines, entries = [], []
    forms = shapes_of(width, height)
    mask = random.random((height, width)) < 0.4
    write(root / "own/images/a.jpg", photo(width, height))
    Image.fromarray((mask * 255).astype(np.uint8)).save(root / "own/a.png")
    np.save(root / "own/b.npy", mask.T.copy().T)
    for number, (form, truth) in enumerate([("a.png", mask), ("b.npy", mask), (None, np.zeros_like(mask))] + forms):
        id = f"n{number}" if number else None
        line = {"image": "images/a.jpg" if number else "a.jpg", "query": f"thing {number}", "mask": form, "kind": ["long", "short"][number % 2]}
        lines.append(json.dumps(line if id is None else dict(line, id=id)))
        entries.append(entry(id or "1", line["query"], truth, no_target=form is None))
    write(root / "own/list.jsonl", "\n".join(lines) + "\n")
    expected["own:own"] = entries


reasonseg()
refcoco()
own()
write(root / "expected.json", json.dumps(expected, indent=0))
